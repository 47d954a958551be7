import type { ModelAlias } from '#contracts/model-registry.ts'
import { modelAliases } from '#contracts/model-registry.ts'
import type { Http } from '#integrations/http.ts'
import { AppError } from '#kernel/errors.ts'
import { type AliasChange, modelFiles, modelName, type ModelRegistry, type RegisteredModel } from './port.ts'

type Tag = { readonly key: string; readonly value: string }
/** A version as MLflow numbers it, with our facts in its tags. */
type Kept = {
  readonly number: string
  readonly source: string
  readonly tags: ReadonlyMap<string, string>
  readonly createdMs: number
}

const api = '/api/2.0/mlflow'
const artifacts = '/api/2.0/mlflow-artifacts/artifacts'
const source = 'mlflow-artifacts:/'
const pageMax = 200
const pagesMax = 50
/** Facts of ours begin with this; a version without them was not registered by us and is not ours to serve. */
const own = 'smartreturns.'

/** The registry of an MLflow tracking server that also keeps artefacts (`--serve-artifacts`). Our versions are tags of its own. */
export function openMlflowRegistry(http: Http): ModelRegistry {
  const list = async (): Promise<RegisteredModel[]> => {
    const [kept, aliases] = await Promise.all([listKept(http), readAliases(http)])
    return kept
      .map((version) => registered(version, aliases))
      .toSorted((a, b) => (a.registeredAt < b.registeredAt ? 1 : -1))
  }
  const find = async (version: string) => (await list()).find((model) => model.version === version) ?? null
  const keptOf = async (version: string): Promise<Kept> => {
    const found = (await listKept(http)).find(({ tags }) => tags.get(`${own}version`) === version)
    if (found !== undefined) return found
    throw new AppError('not_found', `no such model: ${version}`, { problem: 'model_unknown' })
  }

  return {
    engine: 'mlflow',
    list,
    find,
    byAlias: async (alias) => (await list()).find((model) => model.aliases.includes(alias)) ?? null,
    register: async (facts, files, { by, at }) => {
      const known = await find(facts.version)
      if (known !== null) {
        if (known.sha256 === facts.sha256) return known
        throw new AppError('conflict', `version ${facts.version} is registered with other files`, {
          problem: 'model_version_taken',
        })
      }
      const run = await startRun(http, `${modelName} ${facts.version}`, at)
      const put = (path: string, body: Uint8Array) =>
        http.json({
          operation: 'artifact_put',
          method: 'PUT',
          path: `${artifacts}/${run.folder}/${path}`,
          body,
        })
      for (const [name, bytes] of files) await put(`model/model/${name}`, bytes)
      await put('model/MLmodel', Buffer.from(modelYaml(at)))
      await endRun(http, run.id, at)
      await http.json({
        operation: 'model_create',
        method: 'POST',
        path: `${api}/registered-models/create`,
        body: { name: modelName },
        // There already.
        expected: [400],
      })
      const tags = {
        version: facts.version,
        sha256: facts.sha256,
        contract_hash: facts.contractHash,
        data_hash: facts.dataHash,
        trained_on: facts.trainedOn,
        metrics: JSON.stringify(facts.metrics),
        files: JSON.stringify([...files.keys()]),
        by,
        at: at.toISOString(),
      }
      await http.json({
        operation: 'version_create',
        method: 'POST',
        path: `${api}/model-versions/create`,
        body: {
          name: modelName,
          source: `${source}${run.folder}/model`,
          run_id: run.id,
          tags: Object.entries(tags).map(([key, value]) => ({ key: own + key, value })),
        },
      })
      return (await find(facts.version))!
    },
    point: async (change) => {
      const kept = await keptOf(change.version)
      const before = (await list()).find((model) => model.aliases.includes(change.alias))?.version ?? null
      if (before === change.version) return { before }
      await http.json({
        operation: 'alias_set',
        method: 'POST',
        path: `${api}/registered-models/alias`,
        body: { name: modelName, alias: change.alias, version: kept.number },
      })
      const { by, reason, isForced, at, alias } = change
      await http.json({
        operation: 'version_tag',
        method: 'POST',
        path: `${api}/model-versions/set-tag`,
        body: {
          name: modelName,
          version: kept.number,
          key: `${own}${alias}.${at.getTime()}`,
          value: JSON.stringify({ by, reason, isForced }),
        },
      })
      return { before }
    },
    history: async (alias) => historyOf(alias, await listKept(http)),
    read: async (version) => {
      const kept = await keptOf(version)
      const names = JSON.parse(kept.tags.get(`${own}files`) ?? '[]') as string[]
      const folder = folderOf(kept.source)
      const files = new Map<string, Uint8Array>()
      for (const name of names.filter((each) => (modelFiles as readonly string[]).includes(each))) {
        const path = `${artifacts}/${folder}/model/${name}`
        files.set(name, (await http.bytes({ operation: 'artifact_get', method: 'GET', path })).body)
      }
      return files
    },
    close: () => Promise.resolve(),
  }
}

/** MLflow takes artefacts only of a run of its own. */
async function startRun(http: Http, name: string, at: Date): Promise<{ readonly id: string; readonly folder: string }> {
  const { body } = await http.json({
    operation: 'run_create',
    method: 'POST',
    path: `${api}/runs/create`,
    body: { experiment_id: '0', run_name: name, start_time: at.getTime() },
  })
  const info = recordOf(recordOf(recordOf(body)['run'])['info'])
  return { id: String(info['run_id']), folder: folderOf(String(info['artifact_uri'])) }
}

async function endRun(http: Http, id: string, at: Date): Promise<void> {
  await http.json({
    operation: 'run_update',
    method: 'POST',
    path: `${api}/runs/update`,
    body: { run_id: id, status: 'FINISHED', end_time: at.getTime() },
  })
}

/** Path below the artefact store; only a store that the tracking server itself hands out can be read through it. */
function folderOf(uri: string): string {
  const found = /^mlflow-artifacts:(?:\/\/[^/]*)?\/([\w./-]+)$/.exec(uri)
  if (found !== null && !found[1]!.includes('..')) return found[1]!
  throw new AppError('unavailable', 'mlflow: the server does not serve artefacts itself (--serve-artifacts)', {
    problem: 'wrong_shape',
  })
}

/** What makes the folder a model for `mlflow models serve`; the loader is part of `ml/`, which the server has on its path. */
function modelYaml(at: Date): string {
  return [
    'flavors:',
    '  python_function:',
    '    data: model',
    '    loader_module: serving.mlflow_loader',
    `utc_time_created: '${at.toISOString().replace('T', ' ').slice(0, 19)}'`,
    '',
  ].join('\n')
}

const recordOf = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

async function listKept(http: Http): Promise<Kept[]> {
  const kept: Kept[] = []
  let token = ''
  for (let page = 0; page < pagesMax; page++) {
    const query = new URLSearchParams({ filter: `name='${modelName}'`, max_results: String(pageMax) })
    if (token !== '') query.set('page_token', token)
    const { body } = await http.json({
      operation: 'version_search',
      method: 'GET',
      path: `${api}/model-versions/search?${query.toString()}`,
    })
    const answer = recordOf(body)
    for (const each of listOf(answer['model_versions']).map(recordOf)) {
      const tags = new Map(listOf(each['tags']).map((tag) => [(tag as Tag).key, (tag as Tag).value]))
      if (!tags.has(`${own}version`) || !/^[0-9a-f]{64}$/.test(tags.get(`${own}sha256`) ?? '')) continue
      kept.push({
        number: String(each['version']),
        source: String(each['source']),
        tags,
        createdMs: Number(each['creation_timestamp']),
      })
    }
    const next = answer['next_page_token']
    token = typeof next === 'string' ? next : ''
    if (token === '') break
  }
  return kept
}

/** Alias -> version as MLflow numbers it. */
async function readAliases(http: Http): Promise<ReadonlyMap<ModelAlias, string>> {
  const { status, body } = await http.json({
    operation: 'model_get',
    method: 'GET',
    path: `${api}/registered-models/get?name=${modelName}`,
    expected: [404],
  })
  if (status === 404) return new Map()
  const found = listOf(recordOf(recordOf(body)['registered_model'])['aliases']).map(recordOf)
  return new Map(
    found.flatMap(({ alias, version }) =>
      (modelAliases as readonly unknown[]).includes(alias) ? [[alias as ModelAlias, String(version)] as const] : [],
    ),
  )
}

function registered(kept: Kept, aliases: ReadonlyMap<ModelAlias, string>): RegisteredModel {
  const tag = (name: string) => kept.tags.get(own + name) ?? ''
  return {
    version: tag('version'),
    sha256: tag('sha256'),
    contractHash: tag('contract_hash'),
    dataHash: tag('data_hash'),
    trainedOn: tag('trained_on'),
    metrics: recordOf(JSON.parse(tag('metrics') || '{}')) as Record<string, number>,
    registeredAt: tag('at') || new Date(kept.createdMs).toISOString(),
    registeredBy: tag('by'),
    aliases: [...aliases].flatMap(([alias, number]) => (number === kept.number ? [alias] : [])),
  }
}

function historyOf(alias: ModelAlias, all: readonly Kept[]): Omit<AliasChange, 'alias'>[] {
  const prefix = `${own}${alias}.`
  const changes = all.flatMap(({ tags }) =>
    [...tags].flatMap(([key, value]) => {
      if (!key.startsWith(prefix)) return []
      const { by, reason, isForced } = recordOf(JSON.parse(value))
      return {
        version: tags.get(`${own}version`)!,
        by: String(by),
        reason: typeof reason === 'string' ? reason : null,
        isForced: isForced === true,
        at: new Date(Number(key.slice(prefix.length))),
      }
    }),
  )
  return changes.toSorted((a, b) => b.at.getTime() - a.at.getTime())
}
