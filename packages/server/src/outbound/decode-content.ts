/**
 * @module
 * Decodes the content coding of a response body (RFC 9110 §8.4) as a stream, so that its reader can stop at a cap on
 * the decoded size.
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
    // The body is not read, and an unhandled error event would end the process.
    body.on('error', () => undefined).destroy()
    throw new Error('Cannot read the answer: its content coding is not known')
  }
  return pipeline(body, decoder(), () => undefined)
}
