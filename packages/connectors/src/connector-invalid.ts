/**
 * @module
 * The one error of loading: every fault of a connector folder at once, each with the place where it stands.
 */

/** One fault. `path` is a dotted path in `connector.yaml`, or a file name in the connector's folder. */
export interface Fault {
  readonly path: string
  readonly problem: string
}

/** Thrown when a connector folder cannot become a connector. It names every fault that was found. */
export class ConnectorInvalid extends Error {
  override readonly name = 'ConnectorInvalid'
  readonly connector: string
  readonly faults: readonly Fault[]

  constructor(connector: string, faults: readonly Fault[], options?: ErrorOptions) {
    const lines = faults.map((fault) => `\n  ✖ ${fault.path === '' ? '(whole file)' : fault.path}: ${fault.problem}`)
    super(`Cannot load connector "${connector}": ${faults.length} fault(s)${lines.join('')}`, options)
    this.connector = connector
    this.faults = faults
  }
}
