/**
 * @module
 * Which scenarios of the conformance suite apply to a server whose only capability is `tools`, and why the others do
 * not. A scenario that is in neither list fails the run, so a newer suite cannot add one unnoticed.
 */

export interface Applicability {
  readonly applies: readonly string[]
  /** Reason → scenarios. */
  readonly doesNotApply: { readonly [reason: string]: readonly string[] }
  /** Checks of applicable scenarios that ask for a capability the server does not declare. They must fail. */
  readonly expectedFailures: readonly string[]
}

const calls = [
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-error',
  'tools-call-with-progress',
  'dns-rebinding-protection',
]

const prompts = [
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
]

const resources = ['resources-list', 'resources-read-text', 'resources-read-binary', 'resources-templates-read']

const noPrompts = 'needs the prompts capability'
const noResources = 'needs the resources capability'
const noCompletions = 'needs the completions capability'
const noDialect = 'needs a tool whose schema uses references and unions; published schemas are flat'

export const applicability: { readonly [revision: string]: Applicability } = {
  '2025-11-25': {
    applies: [...calls, 'server-initialize', 'ping'],
    doesNotApply: {
      [noPrompts]: prompts,
      [noResources]: [...resources, 'resources-subscribe', 'resources-unsubscribe'],
      [noCompletions]: ['completion-complete'],
      'needs the logging capability': ['logging-set-level', 'tools-call-with-logging'],
      'needs requests from server to client, which a server without sessions cannot send': [
        'tools-call-sampling',
        'tools-call-elicitation',
        'elicitation-sep1034-defaults',
        'elicitation-sep1330-enums',
      ],
      'needs sessions': ['server-session-lifecycle', 'server-sse-multiple-streams', 'server-sse-polling'],
      [noDialect]: ['json-schema-2020-12'],
    },
    expectedFailures: [],
  },
  '2026-07-28': {
    applies: [
      ...calls,
      'server-stateless',
      'server-sse-multiple-streams',
      'http-header-validation',
      'caching',
      'input-required-result-unsupported-methods',
      'input-required-result-ignore-extra-params',
    ],
    doesNotApply: {
      [noPrompts]: prompts,
      [noResources]: [...resources, 'sep-2164-resource-not-found'],
      [noCompletions]: ['completion-complete'],
      'needs a tool that asks its caller for input; no tool here does': [
        'input-required-result-basic-elicitation',
        'input-required-result-basic-sampling',
        'input-required-result-basic-list-roots',
        'input-required-result-request-state',
        'input-required-result-multiple-input-requests',
        'input-required-result-multi-round',
        'input-required-result-missing-input-response',
        'input-required-result-non-tool-request',
        'input-required-result-result-type',
        'input-required-result-tampered-state',
        'input-required-result-capability-check',
        'input-required-result-validate-input',
      ],
      'needs the tasks extension': [
        'tasks-lifecycle',
        'tasks-capability-negotiation',
        'tasks-wire-fields',
        'tasks-request-state-removal',
        'tasks-mrtr-input',
        'tasks-request-headers',
        'tasks-dispatch-and-envelope',
        'tasks-status-notifications',
        'tasks-required-task-error',
        'tasks-mrtr-composition',
      ],
      'needs a tool that takes arguments from HTTP headers; no tool here does': [
        'http-custom-header-server-validation',
      ],
      [noDialect]: ['json-schema-2020-12'],
    },
    expectedFailures: [
      'sep-2549-prompts-list-caching-hints',
      'sep-2549-resources-list-caching-hints',
      'sep-2549-resources-templates-list-caching-hints',
    ],
  },
}
