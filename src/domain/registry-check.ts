/** One finding in the reviewed files, as a sentence that begins with file and line. */
export interface RegistryFinding {
  /** `error` and `style` are refused by the tests; a `warning` is a task for somebody. */
  severity: 'error' | 'style' | 'warning'
  /** `labs.yml:41 "foo": what is wrong. What to do.` */
  text: string
}

/** Everything `hub-census registry check` says of a folder of reviewed files. */
export interface RegistryCheck {
  folder: string
  /** Null when a file could not be read at all. */
  revision: string | null
  /** Entries by class: `community` and `excluded` ones are reviewed, and no labs. */
  labs: number
  communityEntries: number
  excludedEntries: number
  /** Distinct handles. */
  handles: number
  /** Of those, the ones with a tenure that rests on nothing but `unverified`, or on nothing. */
  unverifiedHandles: number
  seats: number
  /** Seats that rest on nothing but `unverified`. */
  unverifiedSeats: number
  /** In order of file and line. */
  findings: readonly RegistryFinding[]
}
