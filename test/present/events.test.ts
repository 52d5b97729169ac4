import { describe, expect, test } from 'vitest'
import { EVENT_KINDS } from '../../src/domain/counter-event.ts'
import { eventWords, KIND_WORDS, spanWords, whoseWords } from '../../src/present/event-words.ts'
import { eventsCsv } from '../../src/present/events-csv.ts'
import { eventsText } from '../../src/present/events-text.ts'
import { day } from '../derive/small-registry.ts'
import { event, eventsAnswer, fileBasis, hubEvent } from './quality-samples.ts'
import { NOTICE } from './samples.ts'

const textOf = (answer: ReturnType<typeof eventsAnswer>) => [...eventsText(answer)].join('')
const words = (parts: Parameters<typeof event>[0]) => eventWords(event(parts))

describe('an event in words', () => {
  test('has a name for every kind', () => {
    expect(Object.keys(KIND_WORDS).sort()).toEqual([...EVENT_KINDS].sort())
  })

  test('tells falls with both levels, and how they ended', () => {
    const fall = { from: 68_799, to: 35_850 }
    expect(words({ kind: 'drop', detail: fall })).toBe('all-time fell from 68,799 to 35,850')
    expect(words({ kind: 'transient-drop', detail: { ...fall, backOn: '2025-05-22', backAt: 68_800 } })).toBe(
      'all-time fell from 68,799 to 35,850 and was back on 2025-05-22',
    )
    expect(words({ kind: 'transient-drop', detail: { ...fall, backOn: '2025-05-22', backAt: 68_000 } })).toBe(
      'all-time fell from 68,799 to 35,850 and was back at 68,000 on 2025-05-22',
    )
    expect(words({ kind: 'pending-drop', detail: { ...fall, decidedAfter: '2025-06-03' } })).toBe(
      'all-time fell from 68,799 to 35,850; not back yet, decided after 2025-06-03',
    )
    const restated = { ...fall, ratio: 0.5211, lastKnownOn: '2025-05-19', daysObserved: 0 }
    expect(words({ kind: 'restatement', detail: restated })).toBe(
      'all-time fell from 68,799 to 35,850, 52.1 % of what was known on 2025-05-19, no day of the two weeks after it was observed',
    )
  })

  test('tells what stood still, what it hid, and what came after', () => {
    const still = { days: 3, usualDaily: 55_000.4, missed: 165_001 }
    expect(words({ kind: 'frozen', detail: { ...still, catchUpOn: null, catchUp: null } })).toBe(
      'no download counted on 3 days, about 165,001 missed at its usual 55,000 a day',
    )
    expect(
      words({ kind: 'frozen', detail: { ...still, days: 1, catchUpOn: '2025-06-28', catchUp: 345_727 } }),
    ).toBe(
      'no download counted on 1 day, about 165,001 missed at its usual 55,000 a day; 345,727 came together by 2025-06-28',
    )
    expect(
      words({
        kind: 'stale-window',
        detail: { downloads30d: 700, downloadsAllTime: 71_000, sameOn: '2025-05-01' },
      }),
    ).toBe('30-day counter claims 700 downloads, while all-time stands at 71,000 since 2025-05-01')
    expect(words({ kind: 'first-move', detail: { downloadsAllTime: 1234, daysAtZero: 1, ageDays: 9 } })).toBe(
      'all-time went from 0 to 1,234 at the age of 9 days, seen at 0 on 1 day',
    )
  })

  test('tells what rose, and whether likes rose with it', () => {
    const burst = { status: 'burst', by: 'day', usualDaily: 12_000, peakDaily: 3_000_000, excess: 9_000_001 }
    expect(words({ kind: 'spike', detail: burst })).toBe(
      'up to 3,000,000 downloads a day at a usual 12,000; 9,000,001 more than usual together',
    )
    const rise = { downloads30dBefore: 700_000, downloads30d: 6_902_000, likesBefore: 250, likes: 261 }
    expect(
      words({
        kind: 'spike',
        detail: { ...burst, ...rise, by: 'window', excess: null, status: 'sustained' },
      }),
    ).toBe(
      'up to 3,000,000 downloads a day at a usual 12,000; 30-day counter from 700,000 to 6,902,000 while likes went from 250 to 261; it stayed, and is no burst',
    )
  })

  test('tells what a publisher or the whole Hub did by its panel', () => {
    expect(words({ kind: 'frozen', detail: { repos: 20, still: 19, share: 0.95, missed: 4000 } })).toBe(
      '19 of the 20 repositories that usually move stood still, about 4,000 downloads missed',
    )
    const freeze = { days: 3, panel: 900, share: 0.973, catchUpOn: '2025-06-28', catchUpRatio: 1.0344 }
    expect(words({ kind: 'frozen', detail: freeze })).toBe(
      '97.3 % or more of the 900 most downloaded repositories did not move on 3 days; on 2025-06-28 their 30-day counters stood at 1.034 of the day before (median)',
    )
    expect(words({ kind: 'frozen', detail: { days: 1, panel: 47, share: 1 } })).toBe(
      'none of the 47 most downloaded repositories moved on 1 day',
    )
    const fall = { status: 'recovered', ratio: 0.905, spanDays: 1, level: 0.81, endLevel: 1, panel: 1000 }
    expect(words({ kind: 'hub-incident', detail: { ...fall, backOn: '2025-05-22' } })).toBe(
      'the 30-day counters of the 1,000 most downloaded repositories stood at 0.905 of the day before (median), at its furthest at 0.810; back on 2025-05-22',
    )
    expect(
      words({
        kind: 'hub-incident',
        detail: { ...fall, status: 'open', level: 0.905, spanDays: 3, backOn: null },
      }),
    ).toBe(
      'the 30-day counters of the 1,000 most downloaded repositories stood at 0.905 of 3 days before (median); not back yet',
    )
    const suspect = { perLike: 120_000.4, percentile: 0.9972, sizeClass: '<1B', rule: 'downloads-per-like' }
    expect(words({ kind: 'ci-suspect', detail: suspect })).toBe(
      '120,000 downloads in 30 days for each like, more than 99.7 % of the size class <1B',
    )
    expect(words({ kind: 'ci-suspect', detail: { ...suspect, rule: 'name' } })).toBe(
      'a name on the list of tests',
    )
  })

  test('tells why a day was held, and what somebody decided', () => {
    const held = {
      reasons: 'the Hub listed no repository at all',
      limits: 'empty',
      comparedWith: '2025-05-19',
    }
    expect(words({ kind: 'day-held', detail: held })).toBe(
      'the Hub listed no repository at all; compared with 2025-05-19',
    )
    expect(words({ kind: 'day-accepted', detail: { ...held, why: 'checked', by: 'op' } })).toBe(
      'checked, by op (held because the Hub listed no repository at all)',
    )
    expect(words({ kind: 'day-rejected', detail: { why: 'half of it', by: null } })).toBe('half of it')
  })

  test('tells names and noted facts', () => {
    expect(words({ kind: 'rename', detail: { from: 'a/b', to: 'c/d' } })).toBe('from a/b to c/d')
    expect(words({ kind: 'task-change', detail: { from: null, to: 'text-generation' } })).toBe(
      'from no task to text-generation',
    )
    expect(words({ kind: 'removal', detail: { repoId: 'a/b', downloadsAllTime: null } })).toBe('')
    expect(words({ kind: 'return', detail: { goneOn: 20_000 } })).toBe('gone since 2024-10-04')
    expect(words({ kind: 're-creation', detail: { name: 'a/b', otherHubId: 'f00d' } })).toBe(
      'took the name a/b, which another repository (_id f00d) had: a series of its own',
    )
  })

  test('hides no evidence that it has no sentence for', () => {
    expect(
      words({ kind: 'derivative-drift', detail: { shareFell: 0.412345, panelSize: 1000, why: null } }),
    ).toBe('share fell 0.4123, panel size 1,000')
    expect(words({ kind: 'transient-drop', detail: { from: null, lost: 5 } })).toBe('lost 5')
  })

  test('lasts only where it can: what a sweep noted has no length', () => {
    const on = { day: day('2025-05-20'), until: null }
    expect(spanWords({ kind: 'drop', ...on })).toBe('2025-05-20')
    expect(spanWords({ kind: 'pending-drop', ...on })).toBe('since 2025-05-20')
    expect(spanWords({ kind: 'ci-suspect', ...on })).toBe('as of 2025-05-20')
    expect(spanWords({ kind: 'frozen', ...on, until: on.day })).toBe('2025-05-20')
    expect(spanWords({ kind: 'frozen', ...on, until: day('2025-05-22') })).toBe('2025-05-20 to 2025-05-22')
  })

  test("is a repository's, a publisher's or the Hub's", () => {
    expect(whoseWords(event())).toBe('ibm-granite/granite-3.3-2b-instruct')
    expect(whoseWords(hubEvent({ handle: 'ibm-granite' }))).toBe('all of ibm-granite')
    expect(whoseWords(hubEvent())).toBe('the whole Hub')
  })
})

describe('events for the terminal', () => {
  test('are in order of day, with what was asked for and what is not shown', () => {
    const repo = { hubId: '0'.repeat(24), repoId: 'a/b', askedAs: 'old/name', others: 1 }
    const text = textOf(
      eventsAnswer({
        choice: { repo, handle: null, from: day('2025-01-01'), until: null, kind: 'drop' },
        ...{ total: 12, notShown: 11 },
      }),
    )
    expect(text).toMatch(
      /^Events of a\/b \(asked for as old\/name; 1 more has or had that name\), of kind drop, from 2025-01-01\n/,
    )
    expect(text).toContain('11 earlier events are not shown: --limit 12 shows all 12')
    expect(text).toMatch(
      /2025-05-20 {2}all-time counter fell {2}ibm-granite\/granite-3\.3-2b-instruct\n {4}all-time fell from 68,799 to 35,850\n$/,
    )
  })

  test('are a sentence where there is none, also before the first complete day', () => {
    const text = textOf(eventsAnswer({ basis: fileBasis({ asOf: null, source: null }), events: [] }))
    expect(text).toContain('no day is complete yet · registry 0123456789ab')
    expect(text.endsWith('No event is on record.\n')).toBe(true)
  })

  test('let no name and no evidence move the cursor, and carry the notice twice', () => {
    const hostile = `x${String.fromCodePoint(27)}[2J\u202e\r\n<img src=x onerror=alert(1)>`
    const text = textOf(
      eventsAnswer({
        basis: fileBasis({ notice: NOTICE }),
        choice: { repo: null, handle: hostile, from: null, until: null, kind: null },
        events: [event({ repoId: hostile, handle: hostile, detail: { [hostile]: hostile } })],
      }),
    )
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
    expect(text).toContain('\\u{1b}')
    expect(text.split(NOTICE.toUpperCase())).toHaveLength(2)
    expect(text.endsWith(`All of the above: ${NOTICE}.\n`)).toBe(true)
  })
})

describe('events as comma-separated values', () => {
  test('have a row each with words and evidence, and no formula', () => {
    const csv = eventsCsv(
      eventsAnswer({
        events: [
          event({ repoId: '=HYPERLINK("http://x","y")', detail: { from: '=1+1', to: 5 } }),
          hubEvent({ until: day('2025-05-22') }),
        ],
      }),
    )
    const [header, first, second] = csv.trimEnd().split('\r\n')
    expect(header).toBe(
      'day,until,kind,hub_id,repo_id,handle,words,detail,as_of,registry_revision,definition_version,source',
    )
    expect(first).toContain(',"\'=HYPERLINK(""http://x"",""y"")",ibm-granite,')
    expect(first).toContain('"{""from"":""=1+1"",""to"":5}"')
    expect(second).toMatch(/^2025-05-20,2025-05-22,hub-incident,,,,,\{\},2026-06-01,0123456789ab,2,https:/)
  })
})
