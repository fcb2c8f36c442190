/**
 * @module
 * The body of an answer as it was before its content coding (RFC 9110 §8.4), as a stream, so that whoever reads it can
 * stop at a cap on what comes out, however little went in.
 */
import { pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** A system may use a coding although none was asked for; more than one on top of the other no honest system uses. */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** @throws Error for a coding that is not known. An error of `body` is an error of what is returned. */
export function decodeContent(body: Readable, coding: string | string[] | undefined): Readable {
  const name = String(coding ?? 'identity')
    .trim()
    .toLowerCase()
  if (name === 'identity' || name === '') return body
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (!decoder) {
    // Nobody reads it any more, and an error that nobody hears would end the process.
    body.on('error', () => undefined).destroy()
    throw new Error('Cannot read the answer: its content coding is not known')
  }
  return pipeline(body, decoder(), () => undefined)
}
