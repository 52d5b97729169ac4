import { dayNumber, parseUtcDay } from '../domain/utc-day.ts'

/**
 * Numbers of days of birth (days since 1970-01-01), remembered: three million repositories were born on a few thousand days.
 * Throws a RangeError for what is no day.
 */
export function createBirthDays(): (createdOn: string) => number {
  const numbers = new Map<string, number>()
  // Repositories come by age, so mostly the same day is asked for again.
  let last = ''
  let lastNumber = 0
  return createdOn => {
    if (createdOn === last) return lastNumber
    let number = numbers.get(createdOn)
    if (number === undefined) {
      number = dayNumber(parseUtcDay(createdOn))
      numbers.set(createdOn, number)
    }
    last = createdOn
    lastNumber = number
    return number
  }
}
