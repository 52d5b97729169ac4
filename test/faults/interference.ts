import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { MiniatureHub } from '../../fixtures/miniature-hub/server.ts'

/** The right answer of the Hub, uncompressed. */
export interface RightAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** A request on its way through, and the answer it would have got. */
export interface Passage {
  request: IncomingMessage
  /** Path and query as asked, below the prefix. */
  url: string
  params: URLSearchParams
  /** Asks the Hub behind. */
  answer(): Promise<RightAnswer>
  response: ServerResponse
}

export interface Interference {
  /** What a client takes for the Hub's address; with the prefix, if any. */
  origin: string
  /** Path and query of everything that was asked, as it arrived. */
  asked: readonly string[]
}

/**
 * A server in front of a miniature Hub that may spoil any answer: `spoil` says whether it has answered (or will); what
 * it leaves alone passes as it is. Links lead back here, as a mirror's do. With a prefix, everything outside it is 404.
 */
export async function interfere(
  hub: Pick<MiniatureHub, 'origin'>,
  spoil: (passage: Passage) => boolean | Promise<boolean>,
  prefix = '',
): Promise<Interference> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    asked.push(path)
    if (!path.startsWith(`${prefix}/`)) {
      response.writeHead(404).end('not below the prefix')
      return
    }
    const url = path.slice(prefix.length)
    const params = new URL(url, hub.origin).searchParams
    const answer = () => askBehind(hub.origin, url, request)
    handle({ request, url, params, answer, response }).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 65_000

  async function handle(passage: Passage): Promise<void> {
    if (await spoil(passage)) return
    const { status, headers, body } = await passage.answer()
    passage.response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}${prefix}`, asked }
}

/** Writes bytes to the socket as they are, status line and headers included, and hangs up. */
export function sendRaw(
  { response }: Passage,
  headers: Record<string, string | number>,
  body: Uint8Array,
  end: 'politely' | 'reset' = 'politely',
): void {
  const { socket } = response
  if (!socket) return
  const lines = ['HTTP/1.1 200 OK', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  socket.write(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`)
  socket.write(body, () => {
    if (end === 'reset') socket.resetAndDestroy()
    else socket.end()
  })
}

const HOP_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

function askBehind(
  origin: string,
  url: string,
  { method = 'GET', headers }: IncomingMessage,
): Promise<RightAnswer> {
  const { 'accept-encoding': _, connection: __, ...rest } = headers
  return new Promise((resolve, reject) => {
    const onward = httpRequest(`${origin}${url}`, { method, headers: rest }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode!,
          headers: Object.fromEntries(
            Object.entries(answer.headers)
              .filter(([name]) => !HOP_HEADERS.has(name))
              .map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks),
        }),
      )
    })
    onward.on('error', reject).end()
  })
}
