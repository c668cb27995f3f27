import { hostOf, isPrivateHost, stressRefusal } from '../../../config';

test.each([
  ['http://fiml.example.com', 'fiml.example.com'],
  ['https://user:p%40ss@FIML.example.com:8443/base', 'fiml.example.com'],
  ['http://[2001:db8::1]:8000', '[2001:db8::1]'],
  ['http://10.0.0.1', '10.0.0.1'],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(url)).toBe(host);
});

test.each([
  'localhost',
  'fiml',
  'fiml.perf.svc',
  'server.local',
  '127.0.0.1',
  '127.9.9.9',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.1.1',
  '[::1]',
  '[fd00::1]',
  '[fe80::1]',
])('%s may be put under stress', (host) => {
  expect(isPrivateHost(host)).toBe(true);
  expect(stressRefusal(`http://${host}:8000`, null)).toBeNull();
});

test.each([
  'fiml.example.com',
  'localhost.example.com',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '11.0.0.1',
  '110.0.0.1',
  '10.0.0.1.example.com',
  '[2001:db8::1]',
  '[fd00.example.com]',
])('%s may not, unless it is named', (host) => {
  const url = `https://${host}:8443`;
  expect(stressRefusal(url, null)).toContain(`set PERF_ALLOW_STRESS=${host}`);
  const wrong = stressRefusal(url, 'example.com');
  expect(wrong).toMatch(/which is not "example.com"/);
  expect(wrong).toContain(`set PERF_ALLOW_STRESS=${host}`);
  expect(stressRefusal(url, host)).toBeNull();
});
