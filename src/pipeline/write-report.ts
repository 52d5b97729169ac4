import { HEADLINE_METRICS } from '../derive/headline-metrics.ts'
import { CLEAN_COUNTERS, type CounterChoice } from '../domain/clean.ts'
import { renderFamilyChart } from '../present/family-chart.ts'
import { renderChart } from '../present/render-chart.ts'
import { reportHtml } from '../present/report-html.ts'
import { answerCumulativeChart } from './answer-chart.ts'
import { answerFamilies } from './answer-families.ts'
import { answerHeadline } from './answer-headline.ts'
import { answerQuality } from './answer-quality.ts'
import { answerShares } from './answer-shares.ts'
import type { Effects } from './effects.ts'
import { familyAnnotations } from './family-annotations.ts'
import { lineNamer } from './line-namer.ts'
import { HEADLINE_CHOICE } from './read-share-choice.ts'
import { refreshMetrics } from './refresh-metrics.ts'
import { traceFamilyTrees } from './trace-family-trees.ts'
import { writePage } from './write-page.ts'

/** The scope and attribution of the chart on the report's first screen. */
const CHART_SCOPE = 'llm'
/** Everybody builds on families: over the whole Hub, to the end of the walk. */
const FAMILIES = { scope: 'all', attribution: 'root', limit: 12 } as const
const FAMILY_TREES = { families: 3, members: 5, depth: 2 }

/**
 * Writes the self-contained report to `file`, whole or not at all, by the cleaning rules of `counters`. Throws a CensusError when nothing is published, a
 * StoreError when the file cannot be written; an older report is then untouched.
 */
export async function writeReport(
  file: string,
  effects: Pick<Effects, 'store' | 'registry' | 'clock' | 'log'>,
  counters: CounterChoice = CLEAN_COUNTERS,
): Promise<{ file: string; bytes: number }> {
  const { store, registry, log } = effects
  refreshMetrics(effects)
  // One page, one judgement: everything on it has to come from one state of the file.
  const { headline, shares, chart, families, trees, annotations, quality } = store.sqlite.transaction(() => {
    const found = answerFamilies({ ...FAMILIES, counters }, { store, registry })
    return {
      headline: answerHeadline({ counters }, { store, registry }),
      shares: answerShares(HEADLINE_CHOICE, { store, registry }),
      chart: answerCumulativeChart(CHART_SCOPE, 'publisher', { store, registry }, counters),
      families: found,
      trees: traceFamilyTrees(found, FAMILY_TREES, { store, registry }),
      annotations: familyAnnotations(found, { store }),
      quality: answerQuality({}, { store, registry }),
    }
  })()
  const chartSvg = chart.series.length > 0 ? await renderChart(chart) : null
  const nameLine = lineNamer({ registry })
  const page = reportHtml({
    ...{ headline, shares, chart, chartSvg, quality, definitions: HEADLINE_METRICS, nameLine },
    families: { families, chartSvg: await renderFamilyChart(families, annotations), trees, annotations },
  })
  const written = await writePage(file, page, { what: 'report', option: '--output' })
  log.info(written, 'report written')
  return written
}
