import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import type { Clock } from '../src/domain/effects.ts'
import { parseRateLimit } from '../src/source/rate-limit.ts'

/** What passed through. */
export interface Traffic {
  requests: number
  /** Answers with status 429. */
  refused: number
  /** The smallest share of a window's quota that any answer said was left; 1 without `RateLimit` headers. */
  leastLeft: number
}

/** A Hub as far away as the real one. */
export interface SlowHub {
  readonly origin: string
  readonly traffic: Readonly<Traffic>
  close(): Promise<void>
}

/** Headers that belong to one connection, not to the answer. */
const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding']

/**
 * Stands before a Hub and holds every answer back for `latencyMs` of `clock`: the Hub counts a request when it comes,
 * the client learns of it later, as it does from the real one.
 */
export async function startSlowHub(
  hub: { origin: string },
  { latencyMs, clock }: { latencyMs: number; clock: Clock },
): Promise<SlowHub> {
  const agent = new Agent({ connections: 32 })
  const traffic: Traffic = { requests: 0, refused: 0, leastLeft: 1 }
  const server = createServer(async (asked, response) => {
    try {
      const { host: _host, connection: _connection, ...headers } = asked.headers
      const answer = await request(hub.origin + asked.url, { dispatcher: agent, headers })
      const body = Buffer.from(await answer.body.arrayBuffer())
      traffic.requests += 1
      if (answer.statusCode === 429) traffic.refused += 1
      const header = (name: string) => answer.headers[name]?.toString()
      const limit = parseRateLimit(header('ratelimit'), header('ratelimit-policy'))
      if (limit?.quota) traffic.leastLeft = Math.min(traffic.leastLeft, limit.remaining / limit.quota)
      await clock.sleep(latencyMs)
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && !HOP_HEADERS.includes(name)) response.setHeader(name, value)
      }
      response.statusCode = answer.statusCode
      response.end(body)
    } catch {
      response.destroy()
    }
  })
  server.keepAliveTimeout = 65_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traffic,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
      await agent.close()
    },
  }
}
