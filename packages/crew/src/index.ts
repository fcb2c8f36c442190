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
  type RunEachOptions,
  type TaskOptions,
} from './crew.ts'
export type { CrewEvent, CrewPlace, CrewStep } from './crew-event.ts'
export { type CrewFiles, type CrewFromYamlOptions, crewFromYaml, type YamlCrew } from './crew-from-yaml.ts'
export { InputsRefused } from './crew-inputs.ts'
export type { Model, Text } from './crew-plan.ts'
export type { FinishedTasks, RunReport, ToolFailure, Usage } from './crew-report.ts'
export type { WatchOutput } from './live-screen.ts'
export { type FrameOptions, progressFrame } from './progress-frame.ts'
export type { ProgressEvent } from './read-progress.ts'
export { readyModel } from './ready-model.ts'
export { type RunOptions, RunStopped } from './run-crew.ts'
export type { Activity, ProgressRow, RemainingQuota, RunCounts, RunProgress, Wait } from './run-progress.ts'
export {
  type ScriptedCall,
  type ScriptedMove,
  type ScriptedTurn,
  scriptedModel,
  type ToolCallingModel,
} from './scripted-model.ts'
export { TaskFailed, type TaskFailure } from './task-failed.ts'
export { type Watchable, type Watched, type WatchOptions, watch } from './watch.ts'
