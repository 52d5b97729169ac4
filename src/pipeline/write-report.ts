import { HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import { renderChart } from '../present/render-chart.ts'
import { reportHtml } from '../present/report-html.ts'
import { StoreError } from '../store/store-error.ts'
import { answerCumulativeChart } from './answer-chart.ts'
import { answerHeadline } from './answer-headline.ts'
import type { Effects } from './effects.ts'
import { lineNamer } from './line-namer.ts'
import { refreshMetrics } from './refresh-metrics.ts'
import { writeWholeFile } from './write-whole-file.ts'

/** The scope and attribution of the chart on the report's first screen. */
const CHART_SCOPE = 'llm'

/**
 * Writes the self-contained report to `file`, whole or not at all. Throws a CensusError when nothing is published, a
 * StoreError when the file cannot be written; an older report is then untouched.
 */
export async function writeReport(
  file: string,
  effects: Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>,
): Promise<{ file: string; bytes: number }> {
  const { store, registry, log } = effects
  refreshMetrics(effects)
  // One page, one judgement: everything on it has to come from one state of the file.
  const { headline, chart } = store.sqlite.transaction(() => ({
    headline: answerHeadline({}, { store, registry }),
    chart: answerCumulativeChart(CHART_SCOPE, 'publisher', { store, registry }),
  }))()
  const chartSvg = chart.series.length > 0 ? await renderChart(chart) : null
  const nameLine = lineNamer({ registry })
  const page = reportHtml({ headline, chart, chartSvg, definitions: HEADLINE_METRICS, nameLine })
  try {
    await writeWholeFile(file, page)
  } catch (error) {
    throw new StoreError(
      {
        happened: `The report could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}.`,
        kept: 'The census is unchanged, and so is an older report.',
        next: isFull(error)
          ? `Free space on that disk (the report takes ${Buffer.byteLength(page)} bytes), or name a file on another one with --output.`
          : 'Name a file in a folder you may write to with --output.',
      },
      { cause: error },
    )
  }
  log.info({ file, bytes: Buffer.byteLength(page) }, 'report written')
  return { file, bytes: Buffer.byteLength(page) }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
