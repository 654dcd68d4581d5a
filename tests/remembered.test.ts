import { expect, test } from 'vitest'
import { remembered } from '../src/remembered.ts'

function counted(most: number) {
  const asked: string[] = []
  const read = remembered((text: string) => {
    asked.push(text)
    return text === '' ? null : text.toUpperCase()
  }, most)
  return { read, asked }
}

test('the same is asked once, also when the answer is nothing', () => {
  const { read, asked } = counted(10)
  expect([read('a'), read(''), read('a'), read('')]).toEqual(['A', null, 'A', null])
  expect(asked).toEqual(['a', ''])
})

test('no more is kept than allowed, and what was dropped is asked again', () => {
  const { read, asked } = counted(2)
  for (const text of ['a', 'b', 'c', 'c', 'a']) expect(read(text)).toBe(text.toUpperCase())
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})

test('what could not be answered is asked again', () => {
  let tries = 0
  const read = remembered((text: string) => {
    tries += 1
    if (tries === 1) throw new Error('not now')
    return text
  }, 2)
  expect(() => read('a')).toThrow('not now')
  expect(read('a')).toBe('a')
})
