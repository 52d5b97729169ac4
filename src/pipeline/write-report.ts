import { HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import { renderFamilyChart } from '../present/family-chart.ts'
import { renderChart } from '../present/render-chart.ts'
import { reportHtml } from '../present/report-html.ts'
import { StoreError } from '../store/store-error.ts'
import { answerCumulativeChart } from './answer-chart.ts'
import { answerFamilies } from './answer-families.ts'
import { answerHeadline } from './answer-headline.ts'
import { answerShares } from './answer-shares.ts'
import type { Effects } from './effects.ts'
import { lineNamer } from './line-namer.ts'
import { HEADLINE_CHOICE } from './read-share-choice.ts'
import { refreshMetrics } from './refresh-metrics.ts'
import { traceFamilyTrees } from './trace-family-trees.ts'
import { writeWholeFile } from './write-whole-file.ts'

/** The scope and attribution of the chart on the report's first screen. */
const CHART_SCOPE = 'llm'
/** Everybody builds on families: over the whole Hub, to the end of the walk. */
const FAMILIES = { scope: 'all', attribution: 'root', limit: 12 } as const
const FAMILY_TREES = { families: 3, members: 5, depth: 2 }

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
  const { headline, shares, chart, families, trees } = store.sqlite.transaction(() => {
    const found = answerFamilies(FAMILIES, { store, registry })
    return {
      headline: answerHeadline({}, { store, registry }),
      shares: answerShares(HEADLINE_CHOICE, { store, registry }),
      chart: answerCumulativeChart(CHART_SCOPE, 'publisher', { store, registry }),
      families: found,
      trees: traceFamilyTrees(found, FAMILY_TREES, { store, registry }),
    }
  })()
  const chartSvg = chart.series.length > 0 ? await renderChart(chart) : null
  const nameLine = lineNamer({ registry })
  const page = reportHtml({
    ...{ headline, shares, chart, chartSvg, definitions: HEADLINE_METRICS, nameLine },
    families: { families, chartSvg: await renderFamilyChart(families), trees },
  })
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
