/**
 * @module
 * A key ring that can change while it is in use: a key is added, another one takes its place, an old one goes. A ring
 * that cannot be read changes nothing.
 */
import { type KeyRing, parseKeyRing } from './key-ring.ts'

export interface KeySource {
  /** The ring as text, for {@link parseKeyRing}. */
  read(): string
  /** Differs when the text may have changed. Cheap: it is asked often. */
  version(): string
}

export interface LiveKeyRing extends KeyRing {
  /** Reads the source again if it may have changed. True when the ring is another one now. */
  reload(): boolean
}

/** @throws Error when the source cannot be read the first time. Later faults go to `onFault`, and the ring stays. */
export function liveKeyRing(source: KeySource, onFault: (error: unknown) => void): LiveKeyRing {
  let version = source.version()
  let text = source.read()
  let ring = parseKeyRing(text)

  function reload(): boolean {
    try {
      const newer = source.version()
      if (newer === version) return false
      const newText = source.read()
      version = newer
      if (newText === text) return false
      ring = parseKeyRing(newText)
      text = newText
      return true
    } catch (error) {
      onFault(error)
      return false
    }
  }

  return {
    reload,
    kids: () => ring.kids(),
    sealing: (purpose) => ring.sealing(purpose),
    opening(kid, purpose) {
      const known = ring.opening(kid, purpose)
      // Another process has begun to seal with a key that this one has not seen yet.
      return known ?? (reload() ? ring.opening(kid, purpose) : undefined)
    },
  }
}
