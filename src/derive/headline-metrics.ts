import type { MetricDefinition } from '../domain/metric.ts'

/** Raised whenever a rule behind a stored total changes a value: stored totals are then recomputed from the facts. */
export const DEFINITION_VERSION = 1

/** Downloads a fine-tune must exceed to count in the headline share (method.md M5; ATOM's threshold). */
export const HEADLINE_THRESHOLD = 5

/** Derivatives the headline share counts. Stored shares do not repeat it: whoever changes it raises DEFINITION_VERSION. */
export const HEADLINE_RELATIONS: readonly string[] = ['finetune']

/** Days a lead has to last (method.md M2). */
export const HOLD_DAYS = 28

const HUB_DOWNLOAD =
  'A download is a GET or HEAD of a query file; CI and bots count; GGUF files count one by one.'

export const HEADLINE_METRICS: readonly MetricDefinition[] = [
  {
    key: 'cumulative-downloads',
    version: 1,
    question: 'How often have the models of a region or lab been downloaded since they were created?',
    formula:
      "Sum over the repositories of the scope of the last known value of the Hub's lifetime counter (downloadsAllTime) up to the day, repositories that are gone included. Models enter with their whole lifetime. Raw counters.",
    unit: 'downloads',
    caveat: `${HUB_DOWNLOAD} The lifetime counter can fall. Repositories without a known counter are left out and counted.`,
    source: "cumulative downloads as the ATOM Project counts them, from the Hub's own counter",
  },
  {
    key: 'downloads-30d',
    version: 1,
    question: 'How often were the models of a region or lab downloaded in the last 30 days?',
    formula:
      "Sum over the repositories of the scope that were listed on the day of the Hub's rolling 30-day counter (downloads). A repository absent from one sweep and not believed gone, or unreadable in it, keeps its last counter; their number is printed. Raw counters.",
    unit: 'downloads in 30 days',
    caveat: HUB_DOWNLOAD,
    source: "the Hub's documentation of download counts (models-download-stats)",
  },
  {
    key: 'finetune-share',
    version: 1,
    question: 'What share of the fine-tunes with more than five downloads stands on bases of a region?',
    formula:
      'Repositories listed on the day that declare a base with the relation "finetune" and whose counter is above the threshold, by region line of the immediate base\'s publisher; several bases share a repository equally. Bases are judged as of the day.',
    unit: 'share of repositories',
    caveat:
      'Immediate base, not root: a fine-tune of a re-packaged model counts under "community". A threshold of five filters little: crawlers touch every repository. One uploader can be a tenth of a month.',
    source:
      "ATOM Project's share of derivatives with more than five downloads, its open choices settled as above",
  },
  {
    key: 'crossover',
    version: 1,
    question: 'When did one group pass another, and did it stay ahead?',
    formula: `First pair of neighbouring observed days with A <= B on the first and A > B on the second, A staying ahead on every observed day of the next ${HOLD_DAYS} and on the first observed at or after their end. The answer is the pair; a date between them is interpolated and says so.`,
    unit: 'interval of days',
    caveat: 'Days are days of observation. The date depends on scope and attribution: both stand beside it.',
    source: 'rule of this project',
  },
]
