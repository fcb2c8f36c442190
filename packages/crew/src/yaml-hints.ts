/**
 * @module
 * Words of CrewAI that these crews do not have, and what to do instead. Where one is switched off in a file, nothing is
 * missing, so only those that are switched on are reported.
 */
const TEMPLATES = 'put its words into role, goal and backstory'
const KNOWLEDGE = 'give the agent a tool that looks things up; the CRM is read live'
const MEMORY = 'agents read the CRM, which is the truth; what a task needs of earlier ones is its context'
const CODE = 'give the agent a tool that runs code where you trust it to'
const REASONING = 'make the plan a task of its own, and the work a task with it as context'
const FORM = 'give the form in code: crewFromYaml(…, { tasks: { <task>: { output: z.object(…) } } })'
const GUARD = 'give it in code: crewFromYaml(…, { tasks: { <task>: { guard: (answer) => true or the objection } } })'
const EVENTS = 'watch(crew.compile(), input, { onEvent }) tells every step'
const CONFIG = 'write its members beside role and goal, or description and agent'
const DATE = 'make the date an input, such as {today}'
const URL_TOOLS = 'connect() to the URL, make tools of it with recordTools(), and hand them over as tools'

export const agentHints: Readonly<Record<string, string>> = {
  allow_code_execution: CODE,
  apps: URL_TOOLS,
  callbacks: EVENTS,
  code_execution_mode: CODE,
  config: CONFIG,
  date_format: DATE,
  embedder: KNOWLEDGE,
  from_repository: 'copy the agent into the file',
  function_calling_llm: 'one model thinks and calls tools: set llm',
  guardrail: `a guard belongs to a task; ${GUARD}`,
  guardrail_max_retries: 'it belongs to a task',
  inject_date: DATE,
  knowledge: KNOWLEDGE,
  knowledge_sources: KNOWLEDGE,
  max_execution_time: 'hand run() a signal: { signal: AbortSignal.timeout(ms) }; max_iter bounds the agent',
  max_reasoning_attempts: REASONING,
  max_tokens: 'set it on a model that you make yourself: crewFromYaml(…, { models: { <agent>: model } })',
  mcps: URL_TOOLS,
  memory: MEMORY,
  multimodal: 'give the agent a tool that describes the picture',
  planning: REASONING,
  planning_config: REASONING,
  prompt_template: TEMPLATES,
  reasoning: REASONING,
  respect_context_window: 'bound what is read instead: max_iter, and tools that read in pages',
  response_template: TEMPLATES,
  skills: TEMPLATES,
  step_callback: EVENTS,
  system_template: TEMPLATES,
  temperature: 'set it on a model that you make yourself: crewFromYaml(…, { models: { <agent>: model } })',
  use_system_prompt: 'leave it out: agents always have one',
}

export const taskHints: Readonly<Record<string, string>> = {
  callback: EVENTS,
  callbacks: EVENTS,
  condition: 'build the branch as a StateGraph, with the crew as one of its nodes',
  config: CONFIG,
  converter_cls: FORM,
  create_directory: 'write the answer to a file yourself: run() returns it as tasks.<task>',
  guardrail: GUARD,
  guardrails: GUARD,
  input_files: 'read the files yourself and make their text an input',
  max_retries: 'it is called guardrail_max_retries',
  name: 'the key above the description is the name',
  output_file: 'write the answer to a file yourself: run() returns it as tasks.<task>',
  output_json: FORM,
  output_pydantic: FORM,
  response_model: FORM,
  security_config: 'what an agent may do is held by the URL of its tools',
  tools: 'tools belong to agents; make an agent with these tools for the task',
}

/** Where a task names nobody, CrewAI's manager chose. */
export const missingAgent =
  'name who works on it; in place of a hierarchical process, an agent with allow_delegation: true'
