import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { CensusError, type Remedy } from '../domain/census-error.ts'
import { EXIT_CODES } from '../domain/exit-code.ts'

/** The file cannot be used as it is: foreign, newer, corrupt, full or not writable. */
export class StoreError extends CensusError {
  override name = 'StoreError'

  constructor(remedy: Remedy, options?: { cause?: unknown }) {
    super(remedy, EXIT_CODES.storage, options)
  }
}

/** Another process holds the file or took the sweep over. */
export class LeaseError extends CensusError {
  override name = 'LeaseError'

  constructor(remedy: Remedy, options?: { cause?: unknown }) {
    super(remedy, EXIT_CODES.lease, options)
  }
}

const KEPT = 'Everything committed before this is in the file; the statement that failed left nothing behind.'

/** SQLite's words for a write beside the census that failed: a disk without room, or one that fails. */
const FULL_CODES = new Set(['SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMOPEN'])
/** With more room than this a failed write is a failing disk. */
const LITTLE_SPACE_BYTES = 16 * 1024 * 1024
/** The log beside the file, and a night of three million repositories. */
const LEAST_SPACE = '128 MB'

/** How much room the disk of a file has; null where that cannot be told. */
function freeBytes(file: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch {
    return null
  }
}

/** Turns what SQLite throws into an error a reader can act on. Other values come back unchanged. */
export function explainSqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  const code = error.code
  const happened = `${file}: ${error.message} (${code})`
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED') {
    return new LeaseError(
      {
        happened,
        kept: KEPT,
        next: 'Wait for the other process, or stop it, and run the same command again.',
      },
      { cause: error },
    )
  }
  if (code === 'SQLITE_FULL' || (FULL_CODES.has(code) && (freeBytes(file) ?? 0) < LITTLE_SPACE_BYTES)) {
    return new StoreError(
      {
        happened: `${happened}; ${freeBytes(file) ?? 'an unknown number of'} bytes are free there`,
        kept: KEPT,
        next: `Free space on that disk (${LEAST_SPACE} let a sweep go on) and run the same command again: it resumes.`,
      },
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM') {
    return new StoreError(
      {
        happened,
        kept: KEPT,
        next: 'Give this user write access to the file and its folder, or name another file with --db.',
      },
      { cause: error },
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_IOERR')) {
    return new StoreError(
      {
        happened,
        kept: 'The file was not changed.',
        next: 'Restore it from a backup, or name another file with --db.',
      },
      { cause: error },
    )
  }
  return error
}
