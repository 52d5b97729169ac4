import { EXIT_CODES } from '../src/domain/exit-code.ts'
import { mirrorRegistry } from '../src/pipeline/mirror-registry.ts'
import type { Job } from '../src/pipeline/run-job.ts'
import { startWhenMain } from './start-job.ts'

export const mirrorRegistryJob: Job = {
  name: 'mirror-registry',
  about: 'Copy the reviewed labs, handles and countries into the census file.',
  mayCreate: true,
  async run(context) {
    const { revision, labs } = mirrorRegistry(context)
    return { exitCode: EXIT_CODES.complete, summary: `Registry ${revision} mirrored: ${labs} labs.` }
  },
}

await startWhenMain(import.meta.url, mirrorRegistryJob)
