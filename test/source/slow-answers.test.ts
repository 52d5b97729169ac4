import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../src/domain/effects.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { createHubClient } from '../../src/source/hub-client.ts'
import { fakeClock } from '../support/census.ts'

test.each([
  ['never answers', false],
  ['trickles its answer for ever', true],
])('case 11: a server that %s is given up after the attempts, with exit code 3', async (_, isTrickling) => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    if (!isTrickling) return
    response.writeHead(200, { 'Content-Type': 'application/json' })
    const drip = setInterval(() => response.write(' '), 5)
    response.on('close', () => clearInterval(drip))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const client = createHubClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: null,
    userAgent: 'hub-census-test',
    quotaShare: 1,
    clock: fakeClock(0),
    log: silentLog,
    attempts: 2,
    longestExchangeMs: 60,
  })
  onTestFinished(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  await expect(client.get('/api/models', 'list')).rejects.toMatchObject({ exitCode: EXIT_CODES.partial })
  expect(requests).toBe(2)
})
