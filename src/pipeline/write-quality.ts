import type { QualityAnswer } from '../domain/quality-answer.ts'
import { qualityHtml } from '../present/quality-html.ts'
import { writePage } from './write-page.ts'

/** Writes the quality of the file as one self-contained page, whole or not at all. Throws a StoreError when it cannot be written. */
export function writeQuality(file: string, answer: QualityAnswer): Promise<{ file: string; bytes: number }> {
  return writePage(file, qualityHtml(answer), { what: 'quality page', option: '--html' })
}
