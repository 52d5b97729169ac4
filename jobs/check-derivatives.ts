import { EXIT_CODES } from '../src/domain/exit-code.ts'
import { checkLatestDerivatives, type DerivativesChecked } from '../src/pipeline/check-derivatives.ts'
import type { Job } from '../src/pipeline/run-job.ts'
import { startWhenMain } from './start-job.ts'

/** Bases compared with the Hub's own count each night. */
const CHECKED_BASES = 300

export const checkDerivativesJob: Job = {
  name: 'check-derivatives',
  about: "Count the direct derivatives of every base and compare the most used with the Hub's own count.",
  mayCreate: false,
  async run(context) {
    const done = await checkLatestDerivatives(CHECKED_BASES, context)
    return {
      exitCode: EXIT_CODES.complete,
      summary: `${done.pairs} counts of direct derivatives; ${done.checked} bases checked against the Hub, ${done.differing} differ, ${done.unavailable} not there.${driftWords(done)}`,
    }
  },
}

function driftWords({ drift }: DerivativesChecked): string {
  if (drift === null) return ''
  const { before, now } = drift.drift
  return ` They drift from the Hub's: ${now.differing} of ${now.pairs} pairs differ, by ${now.difference} derivatives; on ${drift.since} ${before.differing} did, by ${before.difference}.`
}

await startWhenMain(import.meta.url, checkDerivativesJob)
