import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface SmallDisk {
  folder: string
  /** Fills the disk with a file of its own until so many bytes are left. */
  fill(bytesLeft: number): void
  /** Takes that file away. */
  free(): void
}

/** A disk of a few megabytes that goes with the test; null where none can be mounted. */
export function smallDisk(bytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'hub-census-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder])
  if (mounted.status !== 0) {
    rmdirSync(folder)
    return null
  }
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
    rmdirSync(folder)
  })
  const ballast = join(folder, 'ballast')
  const left = () => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  return {
    folder,
    fill(bytesLeft) {
      rmSync(ballast, { force: true })
      writeFileSync(ballast, Buffer.alloc(Math.max(0, left() - bytesLeft)))
    },
    free: () => rmSync(ballast, { force: true }),
  }
}
