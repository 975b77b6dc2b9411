using Gemini.Trainer;

// Training computes on a pool thread. Messages of the silo and callbacks of the collectives must not wait until the pool has grown.
ThreadPool.SetMinThreads(16, 16);
return await TrainerCommandLine.RunAsync(args);
