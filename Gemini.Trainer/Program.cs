using Gemini.Trainer;

// Training computes on a pool thread. The silo's word and the collectives' callbacks must not wait until the pool has grown.
ThreadPool.SetMinThreads(16, 16);
return await TrainerCommandLine.RunAsync(args);
