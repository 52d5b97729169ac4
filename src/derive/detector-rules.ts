/** Raised when a rule or a threshold changes: everything detected is then made anew. */
export const DETECTOR_VERSION = 1

/**
 * Every threshold of the detectors. Those of method.md carry its number; the others are ours. None is fitted to a recording:
 * test/derive/real-counters.test.ts says what they find in the recorded ones and what a fifth more or less would.
 */
export const DETECTOR_RULES = {
  /** For the detectors of one series. */
  series: {
    /** M16: the usual daily rate is the median of the daily increments of so many days. */
    usualDays: 28,
    /** Of fewer known increments a median says little: a thirtieth of the 30-day counter stands in. */
    usualKnown: 7,
    /** Two observations further apart than a week are no neighbours: what lies between is not known. */
    neighbourDays: 7,
    /** An incident is followed so long; one that goes on is cut there. */
    followDays: 45,
    /** What an event says hangs on no day further from its first than this, but for the value before a fall. */
    reachDays: 60,
  },
  fall: {
    /** M14: back at its old level within so many days, a fall is transient. */
    backDays: 14,
    /**
     * A fall that never reaches its old level but regains so much of what it lost is a transient one down to what was regained;
     * the rest is the restatement. Lower, and ordinary growth passes for a recovery; higher, and a recovery for downloads.
     */
    regainedShare: 0.8,
    /** The 30-day counter fell along when it lost at least so much of what the lifetime counter lost: the same downloads. */
    alongShare: 0.5,
  },
  frozen: {
    /**
     * Downloads that must have been missed. Counts are overdispersed: quiet days of repositories with tens of downloads a day
     * occur, while both counters stay to the unit only where no download enters and none leaves the window. Three hundred
     * missed is far outside of that, and less than what moves any published number.
     */
    expected: 300,
  },
  spike: {
    /** M16: a daily increment of more than so many usual days ... */
    timesUsual: 8,
    /** ... and of more than so many downloads. */
    dailyDownloads: 1_000_000,
    /** M16: or the 30-day counter more than so many times what it was ... */
    timesWindow: 3,
    /** ... within so many days ... */
    windowDays: 14,
    /** ... while likes rose by less than this share. */
    likesShare: 0.05,
    /** And by at least so many downloads: of the small repositories thousands triple on any day. A floor of ours. */
    windowRise: 1_000_000,
    /** A day belongs to the episode while it is above so many usual days ... */
    loudTimes: 3,
    /** ... and above the daily share of that floor: a rate near zero is no measure. */
    loudDownloads: 1_000_000 / 30,
    /** Quiet days within an episode: a weekend. */
    quietDays: 2,
    /** What is above for so many days is a rise that stays, and no spike. */
    sustainedDays: 45,
    /** Days until the last of a burst has left the 30-day window. */
    windowLength: 30,
  },
  stale: {
    /** Downloads that the 30-day counter claims at least. */
    downloads30d: 100,
    /** Days without a download after which it must be zero: one more than its window. */
    unchangedDays: 31,
  },
  firstMove: {
    /** Downloads of the first move at least: first days of a handful are no finding. A floor of ours. */
    downloads: 1_000,
  },
  /** M17: the most downloaded repositories, whose counters say what the Hub did. */
  panel: {
    repos: 1_000,
    /** Each with so many downloads in 30 days at least, on one of the two days: of fewer, a day's noise is percents. */
    downloads30d: 1_000,
    /** And so many days old: a younger one's window still fills, and its counter rises whatever the Hub does. */
    ageDays: 30,
    /** M17: smaller panels say nothing. */
    least: 25,
    /** A counter of zero has no ratio: each is held within 1/1000 and 1000, so that zeroed counters come back to 1. */
    largestRatio: 1_000,
    /** M17: a median ratio outside 0.95 .. 1.05, to the power of the days that it spans. */
    lowestRatio: 0.95,
    highestRatio: 1.05,
    /** M17: a day of which more than this share of the panel moved neither counter is frozen. */
    frozenShare: 0.5,
    /** An incident is over when the level is back within so many days; later it is a shift. As M14 has it for one counter. */
    backDays: 14,
    /** An out-of-band day so soon after a freeze that brings the level back to what it was is its catch-up. */
    catchUpDays: 7,
    /** What lies further apart than a week is not compared: the traffic itself has moved. */
    neighbourDays: 7,
    /** Endless freezes and incidents are cut at multiples of so many days: no event may hang on days further off than 60. */
    freezeCutDays: 21,
    incidentCutDays: 14,
  },
  publisher: {
    /** Repositories that usually move: fewer stand still together by chance or by an upload. */
    repos: 5,
    /** Thirty downloads a day: that neither counter moves on a normal day is next to impossible. */
    downloads30d: 900,
    stillShare: 0.95,
    /** Downloads that must have been missed, as for one repository. */
    expected: 300,
  },
  reconcile: {
    /** M20: over the window of the 30-day counter. */
    windowDays: 30,
    /** M20: off by at most this. */
    tolerance: 0.02,
    /** Of fewer downloads two percent is less than two. */
    downloads30d: 100,
  },
  refresh: {
    /** UTC hours between which the Hub refreshes its 30-day counters (method.md 0.5). */
    fromHour: 7,
    untilHour: 12,
    /** Share of a sweep's rows that moved: below the first nothing was refreshed since the sweep before, ... */
    stillShare: 0.02,
    /** ... above the second something was. Between them the pages do not say. */
    movedShare: 0.05,
    /** Rows of a part of a sweep before its share says something: five pages. */
    rows: 5_000,
    /** In captures of single repositories: more than half of those with so many downloads moved. */
    captureShare: 0.5,
    captureDownloads30d: 900,
    /** Repositories in common before two captures can be compared. */
    captureRepos: 25,
  },
  ciSuspect: {
    /** The lists of names below; raised when one changes. */
    listVersion: 1,
    handles: ['trl-internal-testing', 'hf-internal-testing'],
    names: ['tiny-random'],
    /** Who is compared: the others have no measurable downloads per like. */
    population: 1_000,
    /** M18: downloads per like above this percentile of its size class ... */
    percentile: 0.995,
    /** ... with so many downloads in 30 days. A floor of ours. */
    downloads30d: 100_000,
  },
  rename: {
    /** hub-contract.md 6: a vanished and a new name with the same lifetime counter are one series. */
    tolerance: 0.01,
    downloadsAllTime: 1_000,
    /** A counter that lost at least this share ... */
    lostShare: 0.5,
    /** ... and is at most so many times the 30-day counter begins anew: all it counts lies within the window. */
    timesWindow: 1.05,
  },
} as const
