import { createServer, request as httpRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { MiniatureHub } from '../../fixtures/miniature-hub/server.ts'
import { hubId, type Raw } from '../fixtures/tiny-hub.ts'

/** A request that the gate has let in. */
export interface GatedRequest {
  url: string
  /** Its cursor as sent; null for a first page. */
  cursor: string | null
  /** Which request for this cursor it is, from 1. */
  nth: number
  /** Neither answered to the end nor hung up on by the client. */
  isOpen: boolean
}

export interface GateRules {
  /** Resolves when the headers of an answer may leave. */
  beforeHead?(request: GatedRequest): Promise<void> | undefined
  /** Resolves when its body may follow. */
  beforeBody?(request: GatedRequest): Promise<void> | undefined
}

/** A gate in front of a miniature Hub: every answer is the Hub's own, and leaves when the test says so. */
export interface GatedHub {
  readonly origin: string
  /** Every request that came, oldest first. */
  readonly requests: readonly GatedRequest[]
  /** The most that were open at one time. */
  readonly mostOpen: number
  isQuiet(): boolean
}

export async function gate(hub: MiniatureHub, rules: GateRules = {}): Promise<GatedHub> {
  const requests: GatedRequest[] = []
  let mostOpen = 0
  const server = createServer((request, response) => {
    const url = request.url ?? '/'
    const cursor = new URL(url, hub.origin).searchParams.get('cursor')
    const nth = requests.filter(other => other.cursor === cursor).length + 1
    const met: GatedRequest = { url, cursor, nth, isOpen: true }
    requests.push(met)
    mostOpen = Math.max(mostOpen, requests.filter(({ isOpen }) => isOpen).length)
    response.on('close', () => {
      met.isOpen = false
    })
    pass(met, response, request.headers as Record<string, string>).catch(() => response.destroy())
  })

  async function pass(met: GatedRequest, response: ServerResponse, headers: Record<string, string>) {
    const { host: _, connection: __, ...others } = headers
    // The Hub names the host it was asked by in its links, which is the gate.
    const answer = await forward(hub, met.url, { ...others, host: new URL(origin).host })
    await rules.beforeHead?.(met)
    const { connection: ___, 'transfer-encoding': ____, ...answered } = answer.headers
    response.writeHead(answer.status, answered as Record<string, string>)
    response.flushHeaders()
    await rules.beforeBody?.(met)
    // Before its last byte can have arrived, so that no later request is counted beside it.
    met.isOpen = false
    response.end(answer.bytes)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    origin,
    requests,
    get mostOpen() {
      return mostOpen
    },
    isQuiet: () => requests.every(({ isOpen }) => !isOpen),
  }
}

function forward(hub: MiniatureHub, path: string, headers: Record<string, string>): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${hub.origin}${path}`, { headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, bytes: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject).end()
  })
}

/** A promise and what resolves it. */
export function latch(): { opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}

/** The cursor of the page after a row of the tiny Hub, in the form of the contract. */
export function cursorAfter(number: number): string {
  return Buffer.from(JSON.stringify({ _id: { $gt: hubId(number) } })).toString('base64')
}
