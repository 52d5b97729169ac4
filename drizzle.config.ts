import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './src/store/schema/sweep.ts',
    './src/store/schema/lease.ts',
    './src/store/schema/repo.ts',
    './src/store/schema/registry.ts',
    './src/store/schema/derived.ts',
    './src/store/schema/lineage.ts',
    './src/store/schema/clean.ts',
  ],
  out: './migrations',
})
