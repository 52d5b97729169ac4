import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/read-config.ts'
import { CensusError } from '../../src/domain/census-error.ts'
import { DEFAULT_GATE_LIMITS, gateLimitsText } from '../../src/domain/day-gate.ts'
import { EXIT_CODES } from '../../src/domain/exit-code.ts'
import { PACKAGE_ROOT, temporaryFolder } from '../support/census.ts'

const SECRET = 'hf_TESTSECRET'
const config = (env: NodeJS.ProcessEnv, flags = {}) => readConfig(flags, env, PACKAGE_ROOT)

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (!(error instanceof CensusError)) throw error
    expect(error.exitCode).toBe(EXIT_CODES.usage)
    return JSON.stringify(error.remedy)
  }
  throw new Error('nothing was refused')
}

describe('the address of the Hub', () => {
  test('is the real one unless somebody says otherwise, without a slash at its end', () => {
    expect(config({}).endpoint).toBe('https://huggingface.co')
    expect(config({ HF_ENDPOINT: 'https://mirror.example/hub//' }).endpoint).toBe(
      'https://mirror.example/hub',
    )
    expect(config({ HF_ENDPOINT: 'https://a.example' }, { endpoint: 'http://127.0.0.1:80' }).endpoint).toBe(
      'http://127.0.0.1:80',
    )
  })

  test.each([
    'http://bob:hunter2@example.com',
    'https://bob:hunter2@example.com',
    'https://x.example/?token=hunter2',
  ])('with more than an origin and a path is refused, and the message does not repeat it: %s', endpoint => {
    expect(refusal(() => config({ HF_ENDPOINT: endpoint }))).not.toContain('hunter2')
  })

  test('in the open is refused, but for this machine', () => {
    expect(refusal(() => config({ HF_ENDPOINT: 'http://huggingface.co' }))).toContain('not https')
  })
})

describe('the token', () => {
  test('comes from HF_TOKEN, else from the file that is named, else from the home of the Hub', () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'token'), `${SECRET}-home\n`)
    writeFileSync(join(home, 'other'), `${SECRET}-other\n`)
    expect(config({ HF_HOME: home }).readToken()).toBe(`${SECRET}-home`)
    expect(config({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'other') }).readToken()).toBe(`${SECRET}-other`)
    expect(config({ HF_HOME: home, HF_TOKEN: SECRET }).readToken()).toBe(SECRET)
    expect(config({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).readToken()).toBeNull()
    expect(config({ HF_HOME: join(home, 'nowhere') }).readToken()).toBeNull()
  })

  test('is read only when the Hub is asked: an unreadable file stops nobody else', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'token'))
    const found = config({ HF_HOME: folder })
    expect(refusal(() => found.readToken())).toContain('cannot be read')
  })

  test('that no header can carry is refused, and not repeated', () => {
    for (const token of [`${SECRET}\nb`, `${SECRET} b`, `${SECRET}ä`]) {
      expect(refusal(() => config({ HF_TOKEN: token }).readToken())).not.toContain(SECRET)
    }
  })
})

describe('the text of the cards', () => {
  test('is read when the flag or the environment says so, and not otherwise', () => {
    const reads = (text?: string, flags = {}) =>
      config(text === undefined ? {} : { HUB_CENSUS_CARD_TEXT: text }, flags).readsCardText
    expect([undefined, '', '0', 'false'].map(text => reads(text))).toEqual(Array(4).fill(false))
    expect(['1', 'true'].map(text => reads(text))).toEqual([true, true])
    expect(reads('0', { cardText: true })).toBe(true)
  })

  test('is no matter of guessing: another word is refused', () => {
    expect(refusal(() => config({ HUB_CENSUS_CARD_TEXT: 'yes please' }))).toContain('HUB_CENSUS_CARD_TEXT')
  })
})

describe("the limits of the night's gate", () => {
  const gate = (text: string) => config({}, { gate: text }).gate

  test('are the defaults unless somebody says otherwise, one by one, the option over the environment', () => {
    expect(config({}).gate).toEqual(DEFAULT_GATE_LIMITS)
    expect(config({ HUB_CENSUS_GATE: '' }).gate).toEqual(DEFAULT_GATE_LIMITS)
    expect(config({ HUB_CENSUS_GATE: 'fell=0.2' }).gate).toEqual({ ...DEFAULT_GATE_LIMITS, fell: 0.2 })
    expect(config({ HUB_CENSUS_GATE: 'fell=0.2' }, { gate: 'repos=.5' }).gate).toEqual({
      ...DEFAULT_GATE_LIMITS,
      repos: 0.5,
    })
    expect(gate(' repos = 0.2 , rise30d=3, fall-all-time=off,unchanged=0.95 ')).toEqual({
      ...DEFAULT_GATE_LIMITS,
      ...{ repos: 0.2, rise30d: 3, 'fall-all-time': null, unchanged: 0.95 },
    })
  })

  test('are written as they are read', () => {
    expect(gate(gateLimitsText(DEFAULT_GATE_LIMITS))).toEqual(DEFAULT_GATE_LIMITS)
  })

  test.each([
    ['rep=0.1', 'Did you mean repos?'],
    ['fel=0.1', 'Did you mean fell?'],
    ['Fall30D=0.1', 'Did you mean fall30d?'],
    ['__proto__=0.1', 'The limits are repos, fall30d'],
    ['0.1', 'The limits are repos, fall30d'],
    ['repos', 'Set repos to a share from 0 to 1, such as repos=0.1, or to off.'],
    ['repos=', 'Set repos to a share'],
    ['repos=10%', 'Set repos to a share'],
    ['repos=1.5', 'Set repos to a share'],
    ['repos=-0.1', 'Set repos to a share'],
    ['repos=1e-3', 'Set repos to a share'],
    ['repos=0x1', 'Set repos to a share'],
    ['repos=0.1=0.2', 'Set repos to a share'],
    ['rise30d=101', 'Set rise30d to a share from 0 to 100'],
    ['unchanged=never', 'such as unchanged=0.9'],
    ['repos=0.1,repos=0.2', 'Set repos once.'],
    ['repos=0.1,', 'The limits are'],
  ])('that make no sense are refused with the one that was meant, and the defaults: %s', (text, next) => {
    for (const refused of [refusal(() => gate(text)), refusal(() => config({ HUB_CENSUS_GATE: text }))]) {
      expect(refused).toContain(next)
      expect(refused).toContain(gateLimitsText(DEFAULT_GATE_LIMITS))
    }
  })

  test('never repeat to a terminal what would move its cursor', () => {
    expect(refusal(() => gate('\u001b[2Jrepos=1'))).not.toContain('\u001b')
  })
})
