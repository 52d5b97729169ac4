/**
 * 53 bits of a sequence of texts and numbers: two lanes of multiply-and-xor, each stirred into the other at the end. Not
 * cryptographic, and it need not be: equal sequences agree, and two descriptions of one repository agree by chance once
 * in 10^15 changes. A tenth of the cost of SHA-1, which was a fifth of reading a page.
 */
export interface Fingerprint {
  begin(): void
  addText(text: string | null): void
  /** NaN and null alike stand for "not said". */
  addNumber(value: number | null): void
  end(): number
}

/** One is enough for any number of sequences, one after another. */
export function createFingerprint(): Fingerprint {
  let low = 0
  let high = 0
  const add = (unit: number) => {
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0xc2b2ae35)
    high ^= high >>> 15
  }
  return {
    begin() {
      low = 0x9e3779b9
      high = 0x85ebca6b
    },
    addText(text) {
      // The length first, so that "ab" "c" and "a" "bc" differ, and null from every text.
      add(text === null ? -1 : text.length)
      if (text === null) return
      // Two units of 16 bits at a time, in variables of this call: this runs over every text of every row.
      let lowLane = low
      let highLane = high
      const { length } = text
      for (let at = 0; at < length; at += 2) {
        const next = at + 1 < length ? text.charCodeAt(at + 1) : 0
        const units = text.charCodeAt(at) | (next << 16)
        lowLane = Math.imul(lowLane ^ units, 0x01000193)
        highLane = Math.imul(highLane ^ units, 0xc2b2ae35)
        highLane ^= highLane >>> 15
      }
      low = lowLane
      high = highLane
    },
    addNumber(value) {
      if (value === null || Number.isNaN(value)) return add(-1)
      const upper = Math.floor(value / 0x1_0000_0000)
      add((value - upper * 0x1_0000_0000) | 0)
      add(upper | 0)
    },
    end() {
      low = Math.imul(low ^ (low >>> 16), 0x7feb352d) ^ Math.imul(high ^ (high >>> 13), 0x846ca68b)
      high = Math.imul(high ^ (high >>> 16), 0x846ca68b) ^ Math.imul(low ^ (low >>> 13), 0x7feb352d)
      // 21 bits above 32: the largest whole number that every layer holds exactly.
      return (high >>> 11) * 0x1_0000_0000 + (low >>> 0)
    },
  }
}
