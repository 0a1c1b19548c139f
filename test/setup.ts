import fc from 'fast-check';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

// A failing property is made smaller for so long and no longer; the seed to replay it is printed either way.
fc.configureGlobal({ interruptAfterTimeLimit: 30_000 });
