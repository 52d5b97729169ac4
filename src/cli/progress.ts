import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** `total` null when nobody knows it yet. */
  update(done: number, total: number | null, detail: string): void
  stop(): void
}

const LINE_EVERY_MS = 60_000

/** One bar on stderr where it is a terminal, a plain line a minute elsewhere. */
export function createProgress(title: string, unit: string, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? barProgress(title, unit, stream) : lineProgress(title, unit, stream)
}

function barProgress(title: string, unit: string, stream: NodeJS.WriteStream): Progress {
  const format = `${title} {bar} {value}/{total} ${unit} · {detail} · {duration_formatted}`
  const bar = new SingleBar(
    { format, stream, hideCursor: true, clearOnComplete: true, etaBuffer: 50 },
    Presets.shades_grey,
  )
  bar.start(0, 0, { detail: '' })
  return {
    update(done, total, detail) {
      bar.setTotal(Math.max(done, total ?? done))
      bar.update(done, { detail })
    },
    stop: () => bar.stop(),
  }
}

function lineProgress(title: string, unit: string, stream: NodeJS.WriteStream): Progress {
  let last = performance.now()
  return {
    update(done, total, detail) {
      if (performance.now() - last < LINE_EVERY_MS) return
      last = performance.now()
      stream.write(`${title}: ${done}${total === null ? '' : ` of about ${total}`} ${unit}, ${detail}\n`)
    },
    stop() {},
  }
}
