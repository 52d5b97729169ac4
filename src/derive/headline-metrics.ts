import type { RelationSet, ShareThreshold } from '../domain/derivative.ts'
import type { MetricDefinition } from '../domain/metric.ts'

/** Raised whenever a rule behind a stored total changes a value: stored totals are then recomputed from the facts. */
export const DEFINITION_VERSION = 3

/** Downloads a fine-tune must exceed to count in the headline share (method.md M5; ATOM's threshold). */
export const HEADLINE_THRESHOLD: ShareThreshold = 5

/** Derivatives the headline share counts. Stored shares do not repeat it: whoever changes it raises DEFINITION_VERSION. */
export const HEADLINE_RELATIONS: RelationSet = 'finetune'

/** The scope of all shares of derivatives: they are made by everybody. */
export const SHARE_SCOPE = 'all'

/** Days a lead has to last (method.md M2). */
export const HOLD_DAYS = 28

const HUB_DOWNLOAD =
  'A download is a GET or HEAD of a query file; CI and bots count; GGUF files count one by one.'

/** Which counters an answer is of. */
const COUNTERS =
  'Counters are clean unless raw ones are asked for (metric clean-counters): what each rule adds and the raw sums stand beside.'

export const HEADLINE_METRICS: readonly MetricDefinition[] = [
  {
    key: 'cumulative-downloads',
    version: 2,
    question: 'How often have the models of a region or lab been downloaded since they were created?',
    formula: `Sum over the repositories of the scope of the last known value of the Hub's lifetime counter (downloadsAllTime) up to the day, repositories that are gone included. Models enter with their whole lifetime. ${COUNTERS}`,
    unit: 'downloads',
    caveat: `${HUB_DOWNLOAD} The lifetime counter can fall, and the past is restated with it. Repositories without a known counter are left out and counted.`,
    source: "cumulative downloads as the ATOM Project counts them, from the Hub's own counter",
  },
  {
    key: 'downloads-30d',
    version: 2,
    question: 'How often were the models of a region or lab downloaded in the last 30 days?',
    formula: `Sum over the repositories of the scope that were listed on the day of the Hub's rolling 30-day counter (downloads). A repository absent from one sweep and not believed gone, or unreadable in it, keeps its last counter; their number is printed. ${COUNTERS}`,
    unit: 'downloads in 30 days',
    caveat: HUB_DOWNLOAD,
    source: "the Hub's documentation of download counts (models-download-stats)",
  },
  {
    key: 'finetune-share',
    version: 2,
    question: 'What share of the fine-tunes with more than five downloads stands on bases of a region?',
    formula:
      'Repositories listed on the day that declare a base with the relation "finetune" and whose raw counter is above the threshold, by region line of the immediate base\'s publisher (base), of the roots at the end of the walk up the declared bases and reviewed re-uploads (root), or of their own publisher. Several bases share a repository equally at every step. Lines are judged as of the day.',
    unit: 'share of repositories',
    caveat:
      'Base and root answer different questions and differ by many points: a fine-tune of a re-packaged model counts under "community" by base, under the lab of the model it copies by root. A threshold of five filters little: crawlers touch every repository. One uploader can be a tenth of a month.',
    source:
      "ATOM Project's share of derivatives with more than five downloads, its open choices settled as above",
  },
  {
    key: 'monthly-finetune-share',
    version: 1,
    question:
      'What share of the derivatives created in a month stands on bases of a region, and how far does each choice move it?',
    formula:
      "Repositories listed on the newest published day, by UTC month of creation, that declare a base by a relation of the set (finetune, adapter, merge, quantized, trained = finetune or adapter, weights = those or merge, any) and whose counter is above the threshold (0, 1, 5, 10 or 50), by region line of publisher, immediate base or roots. Only bases of these relations count by base; all roots count by root. The counter is the 30-day or the all-time one of the newest published day, or the 30-day one first published when the repository was 30 to 33 days old. Capped: of N counted in a month, one uploader's n repositories count min(n, max(1, N/100)).",
    unit: 'share of repositories',
    caveat:
      'Months are restated each night: repositories removed since are not in them, and both counters of the newest day give older months more time; only the counter at 30 days compares months at one age, and it is unknown for whatever no published day met at that age. A threshold of five filters little: 0, 1, 5, 10 and 50 stand side by side. The Hub infers most relations and is sometimes wrong. Distinct uploaders and caps are of one month: they do not add up over months.',
    source:
      "ATOM Project's monthly share of new derivatives, with every choice it leaves open computed (method.md M5)",
  },
  {
    key: 'family-adoption',
    version: 2,
    question: 'How often is what a family publishes itself downloaded, and how often what descends from it?',
    formula: `Own: the repositories of the scope that the family's lab publishes under names of the family. Descending: the other repositories of the scope that stand on one of the family, by root at the end of the walk up the declared bases and reviewed re-uploads, or by base one step back. Of both the number of repositories, 30-day downloads of those listed on the day and lifetime downloads, gone ones included. Several bases share the downloads of a repository equally at every step, in whole units; among repositories it counts once, under its last base or root. The ratio is descending over own. ${COUNTERS}`,
    unit: 'repositories and downloads',
    caveat: `${HUB_DOWNLOAD} Quantized re-uploads are among the descendants. A family is what its lab names so: the names are reviewed patterns, and a copy under another handle is none of its own. Bases are as declared or inferred by the Hub, and not all are. A repository of one family that stands on another counts as the one's own and among the other's descendants: own and descending of several families do not add up. Repositories without a known lifetime counter are left out and counted.`,
    source: 'family totals with and without derivatives (method.md M6), descendants by tags (M7)',
  },
  {
    key: 'crossover',
    version: 2,
    question: 'When did one group pass another, and did it stay ahead?',
    formula: `First pair of neighbouring observed days with A <= B on the first and A > B on the second, A staying ahead on every observed day of the next ${HOLD_DAYS} and on the first observed at or after their end. The answer is the pair; a date between them is interpolated and says so. ${COUNTERS}`,
    unit: 'interval of days',
    caveat:
      'Days are days of observation. The date depends on scope, attribution and counters: all three stand beside it, with the date by raw counters where it is another.',
    source: 'rule of this project',
  },
  {
    key: 'clean-counters',
    version: 1,
    question: 'What would the counters say without the incidents of the Hub and the artefacts of counting?',
    formula:
      'Raw plus the corrections of the rules that are on. Single repositories are corrected first, on their raw counters; days of the whole Hub are then bridged for each group, on what that leaves. hub-incident: days on which the median 30-day counter of the most downloaded repositories moved by more than traffic can are bridged in a straight line between the good days on either side; while the incident lasts the last good level is held. frozen-day: days on which the counters of the whole Hub stood still are bridged likewise, so that the catch-up after them is no jump; a freeze that lasts is left as it is. That of a single repository or publisher is an event, bridged in the series of a repository (hub-census series) and not in sums. transient-drop: a lifetime counter that falls and is back at its level within 14 days holds that level meanwhile, with the 30-day counter where that lost the same downloads, and one that fell less than 14 days ago is held until it is known. restatement: where it does not come back, everything earlier is multiplied by the new level over the old. spike: of a rise that likes do not follow and that does not last, what lies above the usual rate is taken off the lifetime counter, and the 30-day counter is held until the burst has left its window. Every rule can be switched off by name; an answer names those that were on.',
    unit: 'downloads',
    caveat:
      'Clean is a judgement: raw observations are never written over and stand beside it. A restatement changes days long published, and a day asked for as of then is cleaned by what is known today. A drop of the last 14 days is held before anybody knows whether it will come back. A spike can be real use that nobody likes. Hub-wide bridges correct the sums of groups, not the 30-day counters of the repositories in them. Thresholds of derivatives, likes and the daily shares of fine-tunes rest on raw counters.',
    source: 'rules of this project (method.md M14, M16 and M17)',
  },
]
