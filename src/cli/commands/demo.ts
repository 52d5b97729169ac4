import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { startMiniatureHub } from '../../../fixtures/miniature-hub/server.ts'
import { readInteger, usageError } from '../../config/read-config.ts'
import { EXIT_CODES } from '../../domain/exit-code.ts'
import { dayOf } from '../../domain/utc-day.ts'
import { answerHeadline } from '../../pipeline/answer-headline.ts'
import { captureSweep } from '../../pipeline/capture-sweep.ts'
import { checkDerivatives } from '../../pipeline/check-derivatives.ts'
import { holdsOnlyNotice } from '../../pipeline/holds-only-notice.ts'
import { lineNamer } from '../../pipeline/line-namer.ts'
import { openCensus, openHub } from '../../pipeline/open-census.ts'
import { refreshMetrics } from '../../pipeline/refresh-metrics.ts'
import { writeReport } from '../../pipeline/write-report.ts'
import { headlineText } from '../../present/headline-text.ts'
import { readCommandConfig } from '../place-options.ts'
import { createProgress } from '../progress.ts'
import { type CommandContext, runCommand } from '../run-command.ts'

const FOLDER = 'hub-census-demo'
/** Bases compared with the Hub's own count: enough to show that the self-join agrees. */
const CHECKED_BASES = 25

/** `hub-census demo`: two years of modelled nights on the miniature Hub, from empty file to report. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Take the census of the bundled catalogue on a miniature Hub, day by day, and report on it. No network.',
    )
    .option('--into <folder>', 'where census.db and report.html go', FOLDER)
    .option('--every <days>', 'days between two sweeps', '1')
    .action(flags =>
      runCommand({}, context =>
        runDemo(context, { folder: flags.into, everyDays: readInteger('--every', flags.every, 1, 60) }),
      ),
    )
}

async function runDemo(
  context: CommandContext,
  { folder, everyDays }: { folder: string; everyDays: number },
): Promise<typeof EXIT_CODES.complete | typeof EXIT_CODES.partial> {
  const { stop, log, print } = context
  const config = readCommandConfig({}, process.env)
  const { modelledCatalogue } = await import('../../../fixtures/catalogue/modelled-catalogue.ts')
  const catalogue = modelledCatalogue(config.catalogueFolder, { everyDays })
  const file = join(folder, 'census.db')
  clearEarlierDemo(file, config.migrationsFolder, catalogue.notice)
  mkdirSync(folder, { recursive: true })

  const server = await startMiniatureHub({ catalogue, quota: null })
  let today = 0
  const clock = { now: () => today, sleep: sleepNever }
  const place = { ...config, file, endpoint: server.origin, readToken: () => null }
  const census = openCensus(place, { mustExist: false }, { clock, log })
  const hub = openHub(place, { clock, log })
  const progress = createProgress('demo', 'days', process.stderr)
  try {
    for (const [index, day] of catalogue.days.entries()) {
      if (stop.signal.aborted) break
      server.serveDay(day)
      today = Date.parse(`${day}T12:17:00Z`)
      await captureSweep(
        { pageSize: config.pageSize, notice: catalogue.notice, signal: stop.signal },
        { ...census, hub },
      )
      progress.update(index + 1, catalogue.days.length, `${catalogue.notice}, ${day}`)
    }
    progress.stop()
    if (stop.signal.aborted) {
      print(`Stopped on ${dayOf(today)}. Type the same command again: a demonstration begins anew.\n`)
      return EXIT_CODES.partial
    }
    refreshMetrics(census)
    const headline = answerHeadline({}, census)
    const last = catalogue.days.at(-1)!
    const checked = await checkDerivatives(headline.basis.asOf, CHECKED_BASES, { ...census, hub })
    print(headlineText(headline, lineNamer(census)))
    const report = await writeReport(join(folder, 'report.html'), census)
    print(
      [
        '',
        `${catalogue.days.length} nights captured, the last on ${last}; ${checked.checked} bases compared with the Hub's own count of derivatives, ${checked.differing} differ.`,
        `Database: ${file}   Report: ${report.file}`,
        `Next: npx hub-census crossover alibaba-qwen meta --db ${file}`,
        `      npx hub-census explain Qwen/Qwen2.5-7B-Instruct --db ${file}`,
        '',
      ].join('\n'),
    )
    return EXIT_CODES.complete
  } finally {
    progress.stop()
    await hub.close()
    census.close()
    await server.close()
  }
}

/** The miniature Hub of the demonstration has no quota, so nothing ever waits. */
async function sleepNever(): Promise<void> {}

/** A demonstration may be run again; anything else that stands in its place is left alone. */
function clearEarlierDemo(file: string, migrationsFolder: string, notice: string | null): void {
  if (!existsSync(file)) return
  if (!holdsOnlyNotice({ file, migrationsFolder }, notice)) {
    throw usageError(
      `${file} holds something else than an earlier demonstration.`,
      'Name another folder with --into.',
    )
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}
