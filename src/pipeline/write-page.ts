import { StoreError } from '../store/store-error.ts'
import { writeWholeFile } from './write-whole-file.ts'

/**
 * Writes a page to `file`, whole or not at all. Throws a StoreError that says what to do where it cannot be written; an older
 * page is then untouched. `option` is what names the file on the command line.
 */
export async function writePage(
  file: string,
  page: string,
  { what, option }: { what: string; option: string },
): Promise<{ file: string; bytes: number }> {
  const bytes = Buffer.byteLength(page)
  try {
    await writeWholeFile(file, page)
  } catch (error) {
    throw new StoreError(
      {
        happened: `The ${what} could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}.`,
        kept: `The census is unchanged, and so is an older ${what}.`,
        next: isFull(error)
          ? `Free space on that disk (the ${what} takes ${bytes} bytes), or name a file on another one with ${option}.`
          : `Name a file in a folder you may write to with ${option}.`,
      },
      { cause: error },
    )
  }
  return { file, bytes }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
