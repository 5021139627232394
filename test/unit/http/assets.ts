// A live page of a few bytes, for the tests of this folder.
import { assetOf, type PageAssets } from '../../../src/http/page-assets.ts';

export const ASSETS: PageAssets = {
  page: '<!doctype html><title>{{version}}</title><a href="{{metrics}}">live</a>',
  files: new Map([['main.js', assetOf('text/javascript; charset=utf-8', Buffer.from('void 0;'))]]),
};
