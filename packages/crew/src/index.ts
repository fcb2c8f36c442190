/**
 * @module
 * Crews: roles and tasks with typed answers, compiled to a plain LangGraph graph.
 */
export type { CompileOptions, ReviewAnswer, ReviewRequest } from './compile-crew.ts'
export {
  type AgentOptions,
  Crew,
  type CrewGraph,
  type CrewOptions,
  type CrewOutput,
  type CrewState,
  crew,
  type TaskOptions,
} from './crew.ts'
export { type CrewFiles, type CrewFromYamlOptions, crewFromYaml, type YamlCrew } from './crew-from-yaml.ts'
export type { Model, Text } from './crew-plan.ts'
export type { ToolFailure, Usage } from './crew-report.ts'
export { finalAnswerAfter } from './final-answer-after.ts'
export { type ScriptedCall, type ScriptedMove, type ScriptedTurn, scriptedModel } from './scripted-model.ts'
export { TaskFailed } from './task-failed.ts'
