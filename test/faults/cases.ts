/**
 * The nineteen fault cases that are tested by their number, with the outcome each has to have, and the tests that hold
 * it. Tests of this folder begin with `case N`; where an older test elsewhere holds an outcome or a part of it already,
 * it is named here and not written again.
 *
 * | case | fault | outcome |
 * | --- | --- | --- |
 * | 1 | kill -9 at a hundred random moments of one sweep | every start goes on at the next page; content, integrity and names as undisturbed |
 * | 4 | disk full in a page, in publishing, in a report; then space; then a restart | exit 7 with space and path; no part of a report; resumes, all earlier rows there |
 * | 6 | a researcher reads during the whole sweep | never blocked; told at 256 MB of log, with the advice to read a snapshot; the log shrinks afterwards |
 * | 7 | six processes start the same sweep on one file | exactly one works; the others exit 4, or 0 when the day is complete |
 * | 9 | 429 with `"api";r=0;t=55` | waits 56 s, asks nothing before, uses up no attempt, says when the window turns |
 * | 10 | 503 to everything for half an hour; 504 at one cursor | jittered, bounded attempts within a budget; exit 3; resumable |
 * | 12 | next link to another host, scheme, path, or without our prefix | rebased on the endpoint with one warning; another path is exit 5; nothing leaves the origin |
 * | 14 | next link that repeats a cursor or goes round | exit 5 "cursor repeats at page N" at the first repeat; the day is not complete |
 * | 16 | 200 with an HTML page | retried; then exit 5 naming address, status, type and its first characters made safe |
 * | 17 | body cut or altered on its way | page thrown away whole and retried; no row of it stored |
 * | 19 | gzip bomb, 2 GB, 10 MB text, 10 million elements, nesting 100,000 | cut at 32 MB and 64 levels, below 400 MB of memory, exit 5 after the attempts |
 * | 20 | a repository on two pages | one repository, the later row wins, repeats counted, headline unchanged |
 * | 22 | a bad row in a page | quarantined with its JSON, page goes on; more than one in a thousand: exit 6 |
 * | 24 | counters that are no counts | only safe whole numbers from 0 to 10^12 stored; other rows quarantined |
 * | 27 | renamed repository; old name reused | one series across the rename, a new one for the reuse, the world counts each once |
 * | 30 | one all-time counter falls | kept as seen, noted as a drop, published |
 * | 31 | total -40 %, all zeros, half the models missing | held, exit 6, headline at the last good day; accepted or rejected with who and why |
 * | 32 | identical totals on two and more days | published; the detectors mark it; a limit can be set to hold it |
 * | 33 | a value of yesterday is another one today | both are kept and visible |
 */
export interface FaultCase {
  readonly number: number
  /** Files below `test/`, each with the beginnings of titles that stand in it. */
  readonly tests: Readonly<Record<string, readonly string[]>>
}

export const FAULT_CASES: readonly FaultCase[] = [
  {
    number: 1,
    tests: {
      'faults/kill-storm.test.ts': [
        'case 1: a sweep killed',
        'case 1: a first sweep killed while it makes its file',
      ],
      'cli/kill.test.ts': ['ends in the same content when it is killed in the middle of every day'],
    },
  },
  {
    number: 4,
    tests: {
      'faults/disk-full.test.ts': [
        'case 4: a disk that is full',
        'case 4: a file that may not grow after any number of pages',
      ],
      'bad-input/storage.test.ts': ['a file that %s after page 1 is exit code 7'],
      'bad-input/command-line.test.ts': ['a report that cannot be written is exit code 7'],
    },
  },
  {
    number: 6,
    tests: { 'faults/long-read.test.ts': ['case 6: a researcher who reads during a whole sweep'] },
  },
  {
    number: 7,
    tests: {
      'faults/race.test.ts': ['case 7: six processes that start the same sweep on one file'],
      'store/record-page.test.ts': [
        'the slower one gets a LeaseError and writes nothing',
        'a capture that is overtaken stops with exit 4; one sweep comes of it',
      ],
    },
  },
  {
    number: 9,
    tests: {
      'faults/quota-and-storm.test.ts': ['case 9: 429 with "api";r=0;t=55'],
      'source/hub-client.test.ts': [
        'is the rest of an exhausted window and a second: 56,000 ms for r=0;t=55',
      ],
      'bad-input/hub-answers.test.ts': [
        'without quota left waits for the window’s end each time, then exit code 3',
      ],
    },
  },
  {
    number: 10,
    tests: {
      'faults/quota-and-storm.test.ts': [
        'case 10: a server that answers 503 to everything for half an hour',
        'case 10: 504 at one cursor only',
      ],
      'source/hub-client.test.ts': ['is drawn anew for every attempt and grows'],
      'bad-input/hub-answers.test.ts': ['every request 503, from the first on'],
    },
  },
  {
    number: 12,
    tests: {
      'faults/next-links.test.ts': ['case 12: a next link'],
      'source/list-repos.test.ts': ['a next link to another host costs one warning'],
      'bad-input/hub-answers.test.ts': [
        'to another host is asked of the configured one',
        'to another path is exit code 5, and that path is never asked',
      ],
    },
  },
  {
    number: 14,
    tests: {
      'faults/next-links.test.ts': ['case 14: a cursor that goes round'],
      'source/list-repos.test.ts': ['stops at a cursor that repeats', 'stops at a cycle of two'],
      'bad-input/hub-answers.test.ts': ['that repeats is exit code 5 at the first repeat'],
    },
  },
  {
    number: 16,
    tests: {
      'source/hub-client.test.ts': [
        'is retried: %j',
        'of a body that stays bad names address, status, type and its first characters, made harmless',
      ],
      'bad-input/hub-answers.test.ts': ['a fault that passes leaves no trace', 'HTML with status 200'],
      'bad-input/command-line.test.ts': [
        'of a Hub that %s on page 2 says so and resumes; the token is nowhere',
      ],
    },
  },
  {
    number: 17,
    tests: {
      'faults/broken-bodies.test.ts': ['case 17'],
      'bad-input/hub-answers.test.ts': ['truncated JSON, cut cleanly or with the socket'],
      'source/hub-client.test.ts': ['of bytes that are not UTF-8 is a bad body'],
    },
  },
  {
    number: 19,
    tests: {
      'faults/huge-answers.test.ts': ['case 19: an answer of'],
      'bad-input/hub-answers.test.ts': ['half a gzip stream, and one that becomes too large'],
    },
  },
  {
    number: 20,
    tests: {
      'faults/repeated-rows.test.ts': [
        'case 20: rows repeated anywhere',
        'case 20: rows repeated with the same numbers',
        'case 20: a repeat that leaves the lifetime counter out',
      ],
      'store/record-page.test.ts': [
        'on two pages are one repository, the later observation wins, totals count it once',
        'within a page are one repository, on the first day and on a later one',
        'out of order: a repository first taken for absent is seen, and counted once',
      ],
    },
  },
  {
    number: 22,
    tests: {
      'faults/bad-rows.test.ts': ['case 22: a bad row'],
      'bad-input/bad-rows.test.ts': [
        'one bad row is set aside and every other row is kept',
        'holds the day back with exit code 6',
        'of a megabyte, of which the first 4,096 characters are kept',
      ],
      'bad-input/command-line.test.ts': ['flooded with bad rows is exit code 6 and says where they are'],
    },
  },
  {
    number: 24,
    tests: {
      'faults/bad-rows.test.ts': ['case 24: of whatever a server writes for a counter'],
      'source/parse-repo-row.test.ts': ['for a %s that is no count'],
      'bad-input/bad-rows.test.ts': ['one bad row is set aside and every other row is kept'],
    },
  },
  {
    number: 27,
    tests: {
      'faults/renames.test.ts': [
        'case 27: however names move between repositories',
        'case 27: on the day of a rename alone the world stands still',
      ],
      'store/record-page.test.ts': [
        'a renamed repository keeps its series, its old name with its days, and an event',
        'a name deleted and made again begins a new series; the first one is gone',
        'two repositories that exchange their names each keep their own series',
      ],
    },
  },
  {
    number: 30,
    tests: { 'faults/night-gate.test.ts': ['case 30: one counter that falls'] },
  },
  {
    number: 31,
    tests: {
      'faults/night-gate.test.ts': [
        'case 31: a shift of the whole site',
        'case 31: what is no shift of the site',
        'case 31: a decision',
      ],
      'derive/day-gate.test.ts': ['a night like the last good one is never held'],
      'cli/day.test.ts': ['a held night on the command line'],
    },
  },
  {
    number: 32,
    tests: { 'faults/night-gate.test.ts': ['case 32: a frozen source is published'] },
  },
  {
    number: 33,
    tests: { 'faults/night-gate.test.ts': ['case 33: a value of yesterday'] },
  },
]
