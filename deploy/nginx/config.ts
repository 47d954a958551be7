// Prints a configuration of nginx that shares the API and the pages among several processes of SmartReturns:
//   node deploy/nginx/config.ts --listen 8080 --servers 127.0.0.1:3001,127.0.0.1:3002 > nginx.conf
// With --only-ready a server whose /readyz does not say 200 now is left out, as one that drains. Needs Node 24 alone.
import { parseArgs } from 'node:util'

const readyTimeoutMs = 2000
const address = /^[\w.-]+:\d{1,5}$/

/**
 * `servers`: host:port of each process with the role api. `listen`: port or address:port. `folder`: where nginx writes its pid,
 * log and buffers when it is not the system's own; absent there.
 */
export function nginxConfig({
  listen,
  servers,
  folder,
}: {
  readonly listen: string
  readonly servers: readonly string[]
  readonly folder?: string
}): string {
  if (servers.length === 0) throw new Error('no server is ready: the old configuration stays')
  for (const each of servers) if (!address.test(each)) throw new Error(`not host:port: ${each}`)
  const own =
    folder === undefined
      ? ''
      : `pid ${folder}/nginx.pid;\nerror_log ${folder}/error.log warn;\ndaemon off;\nworker_processes 1;\n`
  const places =
    folder === undefined
      ? ''
      : ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `  ${n}_temp_path ${folder}/${n};\n`).join('')
  return `${own}events { worker_connections 4096; }
http {
${places}  access_log off;
  server_tokens off;
  # A server is never put aside: when one has just restarted, the other may be the one that goes. What waits at a server that
  # drains or died goes to another; a connection that rests is dropped before a server that drains
  # (5 s) ends it.
  upstream smartreturns {
${servers.map((each) => `    server ${each} max_fails=0;`).join('\n')}
    keepalive 64;
    keepalive_timeout 4s;
  }
  # Read, or bears its Idempotency-Key: done once however often it is sent.
  map "$request_method:$http_idempotency_key" $is_repeatable {
    default 0;
    "~^(GET|HEAD|OPTIONS):" 1;
    "~^[A-Z]+:.+" 1;
  }
  map $http_upgrade $upstream_connection {
    default upgrade;
    "" "";
  }
  proxy_http_version 1.1;
  proxy_set_header Connection $upstream_connection;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_connect_timeout 2s;
  # Above the longest answer of the program (27 s).
  proxy_read_timeout 35s;
  proxy_send_timeout 35s;
  proxy_next_upstream_tries ${Math.max(2, servers.length)};
  proxy_next_upstream_timeout 10s;
  # Above the largest import (50 MiB).
  client_max_body_size 52m;
  server {
    listen ${listen};
    location / {
      error_page 418 = @repeatable;
      recursive_error_pages on;
      if ($is_repeatable) { return 418; }
      proxy_pass http://smartreturns;
      # Only what no server has begun to take: a connection that was refused. PUT and DELETE carry If-Match besides.
      proxy_next_upstream error timeout;
    }
    location @repeatable {
      proxy_pass http://smartreturns;
      proxy_next_upstream error timeout invalid_header non_idempotent;
    }
    # Lines come and go while the file is read.
    location ~ ^/api/(v1/)?returns/bulk$ {
      proxy_pass http://smartreturns;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 30m;
      proxy_next_upstream off;
    }
    # What a process says of itself is for its own port.
    location ~ ^/(metrics|livez|readyz)$ { return 404; }
  }
}
`
}

async function isReady(server: string): Promise<boolean> {
  return fetch(`http://${server}/readyz`, { signal: AbortSignal.timeout(readyTimeoutMs) }).then(
    (answer) => answer.ok,
    () => false,
  )
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string', default: '8080' },
      servers: { type: 'string' },
      'only-ready': { type: 'boolean', default: false },
    },
  })
  if (values.servers === undefined) throw new Error('--servers names host:port of each process, separated by commas')
  const all = values.servers.split(',').map((each) => each.trim())
  const ready = values['only-ready'] ? await Promise.all(all.map(isReady)) : all.map(() => true)
  process.stdout.write(nginxConfig({ listen: values.listen, servers: all.filter((_, at) => ready[at]) }))
}
