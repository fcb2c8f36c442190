/**
 * @module
 * The checkpointer that a process of these tests uses, by where it keeps its checkpoints: a file, or a PostgreSQL database
 * through LangGraph's own saver.
 */
import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import { FileSaver } from './file-saver.ts'

export interface OpenSaver {
  readonly checkpointer: BaseCheckpointSaver
  close(): Promise<void>
}

export async function openSaver(place: string): Promise<OpenSaver> {
  if (!place.startsWith('postgres')) return { checkpointer: new FileSaver(place), close: async () => undefined }
  const checkpointer = PostgresSaver.fromConnString(place)
  await checkpointer.setup()
  return { checkpointer, close: () => checkpointer.end() }
}
