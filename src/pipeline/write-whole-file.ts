import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Puts a text at `file`, whole or not at all: written beside it, brought to the disk, then renamed. Throws what the file
 * system throws; an older file is then untouched and nothing is left beside it. (write-file-atomic takes a short write on
 * a nearly full disk for a whole one.)
 */
export async function writeWholeFile(file: string, text: string): Promise<void> {
  const beside = join(dirname(file), `.${crypto.randomUUID()}.part`)
  try {
    const handle = await open(beside, 'wx')
    try {
      await handle.writeFile(text, 'utf8')
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
