import { describe, expect, test } from 'vitest'
import { CensusError } from '../../src/domain/census-error.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { HEADLINE_CHOICE, readShareChoice, type ShareWords } from '../../src/pipeline/read-share-choice.ts'

function refusal(words: ShareWords): CensusError {
  try {
    readShareChoice(words)
  } catch (error) {
    expect(error).toBeInstanceOf(CensusError)
    expect((error as CensusError).exitCode).toBe(EXIT_CODES.usage)
    return error as CensusError
  }
  throw new Error('nothing was refused')
}

describe('the choices of a share', () => {
  test('are the headline where nothing is typed', () => {
    expect(readShareChoice({})).toEqual(HEADLINE_CHOICE)
    expect(HEADLINE_CHOICE).toEqual({
      ...{ relations: 'finetune', counter: 'downloadsAllTime', threshold: 5, attribution: 'base' },
      ...{ isCapped: false, months: { from: null, until: null } },
    })
  })

  test('are read word by word', () => {
    const words = { relations: 'weights', counter: '30-day-at-30-days', threshold: '50', by: 'root' }
    expect(readShareChoice({ ...words, capped: true, from: '2025-01', until: '2025-01' })).toEqual({
      ...{ relations: 'weights', counter: 'downloads30dAt30Days', threshold: 50, attribution: 'root' },
      ...{ isCapped: true, months: { from: '2025-01', until: '2025-01' } },
    })
    expect(readShareChoice({ threshold: '0' }).threshold).toBe(0)
  })

  test.each([
    [{ relations: 'finetunes' }, '--relations finetune?'],
    [{ by: 'roots' }, '--by root?'],
    [{ counter: 'all-tme' }, '--counter all-time?'],
    [{ threshold: '11' }, '--threshold 1?'],
    [{ threshold: '05' }, '--threshold 0?'],
    [{ by: '__proto__' }, 'Known are publisher, base, root.'],
    [{ relations: '' }, 'Known are finetune, adapter,'],
  ])('are refused as %j, with the nearest word', (words, next) => {
    const { remedy } = refusal(words)
    expect(remedy.next).toContain(next)
    expect(remedy.happened).toContain(JSON.stringify(Object.values(words)[0]))
  })

  test.each(['2025', '2025-13', '2025-00', '2025-1', '2025-01-01', ' 2025-01', '0x12-01', ''])(
    'have no month %j',
    month => {
      expect(refusal({ from: month }).remedy.happened).toContain('--from: not a month')
      expect(refusal({ until: month }).remedy.happened).toContain('--until: not a month')
    },
  )

  test('have no span that ends before it begins', () => {
    expect(refusal({ from: '2025-02', until: '2025-01' }).remedy.happened).toContain('later than')
  })
})
