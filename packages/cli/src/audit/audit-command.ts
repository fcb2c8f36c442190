/**
 * @module
 * `quartermaster audit`: the audit is verified, followed and exported while servers run.
 */
import { Command } from 'commander'
import { exportCommand } from './export-command.ts'
import { headCommand } from './head-command.ts'
import { tailCommand } from './tail-command.ts'
import { verifyCommand } from './verify-command.ts'

export function auditCommand(): Command {
  return new Command('audit')
    .description('Verify, follow and export the audit, while servers run')
    .addCommand(verifyCommand())
    .addCommand(tailCommand())
    .addCommand(exportCommand())
    .addCommand(headCommand())
    .addHelpText(
      'after',
      `
Each tenant has a chain: every row carries a keyed hash over its columns and over the row before, and the last row is
signed. Without the key ring nobody can change, remove, add or move a row unseen. What a chain cannot show by itself is
that the whole database was put back to an earlier day. Keep its heads elsewhere, and verify against them:

  $ quartermaster audit head --data ./data >> /elsewhere/heads.ndjson
  $ quartermaster audit verify --data ./data --anchors /elsewhere/heads.ndjson
  $ quartermaster audit tail -f --data ./data --tenant acme
  $ quartermaster audit export --data ./data > audit.ndjson`,
    )
}
