import assert from 'node:assert/strict';
import { cpSync, existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { admitRegistration, getDevice, listWaitingRegistrations } from '@holdfast/api';
import { createTestToken, startTestServer, type TestServer } from '@holdfast/server/testing';
