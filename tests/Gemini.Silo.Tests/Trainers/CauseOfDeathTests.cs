using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The last output of real programs, shortened to the important lines.</summary>
public sealed class CauseOfDeathTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "", "" },
        { "\n \n", "" },
        { "its last words\n", "its last words" },
        { "/bin/sh: 1: exec: /no/such/trainer: not found\n", "/bin/sh: 1: exec: /no/such/trainer: not found" },

        // .NET
        {
            "warming up\nUnhandled exception. System.IO.InvalidDataException: record 20 of the data is damaged\n"
            + "   at Program.<Main>$(String[] args) in /src/Program.cs:line 12\n   at Program.<Main>(String[] args)\n",
            "System.IO.InvalidDataException: record 20 of the data is damaged"
        },
        {
            "Unhandled exception. System.TypeInitializationException: The type initializer for 'TorchSharp.torch' threw an exception.\n"
            + " ---> System.DllNotFoundException: Unable to load shared library 'LibTorchSharp' or one of its dependencies.\n"
            + "   at TorchSharp.torch..cctor()\n   --- End of inner exception stack trace ---\n   at Program.Main()\n[createdump] Dump written\n",
            "System.TypeInitializationException: The type initializer for 'TorchSharp.torch' threw an exception. "
            + "---> System.DllNotFoundException: Unable to load shared library 'LibTorchSharp' or one of its dependencies."
        },
        { "Process terminated. The device is lost\n   at System.Environment.FailFast(String message)\n", "The device is lost" },
        {
            "Fatal error. System.AccessViolationException: Attempted to read or write protected memory.\n   at Native.Read(IntPtr)\n",
            "System.AccessViolationException: Attempted to read or write protected memory."
        },
        { "Stack overflow.\nRepeat 24000 times:\n--------\n   at Program.Deeper(Int32)\n--------\n   at Program.Main()\n", "Stack overflow." },
        { "Out of memory.\n", "Out of memory." },

        // Java
        {
            "Exception in thread \"main\" java.lang.IllegalStateException: no data\n\tat Train.main(Train.java:9)\n"
            + "Caused by: java.io.FileNotFoundException: a.txt (No such file or directory)\n\tat java.base/java.io.FileInputStream.open0(Native Method)\n\t... 3 more\n",
            "java.lang.IllegalStateException: no data; caused by java.io.FileNotFoundException: a.txt (No such file or directory)"
        },

        // Python
        {
            "Traceback (most recent call last):\n  File \"train.py\", line 3, in <module>\n    main()\n  File \"train.py\", line 2, in main\n"
            + "    raise ValueError(\"bad batch\")\nValueError: bad batch\n",
            "ValueError: bad batch"
        },
        {
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\n"
            + "Traceback (most recent call last):\n  File \"a.py\", line 3\n    raise RuntimeError('no x')\nRuntimeError: no x\n"
            + "/usr/lib/python3.11/multiprocessing/resource_tracker.py:224: UserWarning: There appear to be 1 leaked semaphores\n"
            + "  warnings.warn('resource_tracker: There appear to be %d '\n",
            "RuntimeError: no x"
        },
        {
            "[rank0]: Traceback (most recent call last):\n[rank0]:   File \"t.py\", line 9, in <module>\n[rank0]: torch.cuda.OutOfMemoryError: CUDA out of memory.\n",
            "[rank0]: torch.cuda.OutOfMemoryError: CUDA out of memory."
        },
        { "  File \"train.py\", line 7\n    if x\n        ^\nSyntaxError: expected ':'\n", "SyntaxError: expected ':'" },

        // Native aborts
        {
            "terminate called after throwing an instance of 'std::runtime_error'\n  what():  cannot map the weights\nAborted (core dumped)\n",
            "std::runtime_error: cannot map the weights"
        },
        {
            "terminate called after throwing an instance of 'c10::Error'\n  what():  CUDA error: device-side assert triggered\n"
            + "CUDA kernel errors might be asynchronously reported at some other API call.\n\nException raised from c10_cuda_check at CUDAException.cpp:43\n"
            + "frame #0: c10::Error::Error(c10::SourceLocation) + 0x57 (0x7f in libc10.so)\n",
            "c10::Error: CUDA error: device-side assert triggered"
        },
        { "terminate called without an active exception\nAborted\n", "terminate called without an active exception" },
        { "libc++abi: terminating due to uncaught exception of type std::bad_alloc: std::bad_alloc\n", "std::bad_alloc: std::bad_alloc" },
        { "free(): invalid pointer\nAborted (core dumped)\n", "free(): invalid pointer" },
        { "double free or corruption (!prev)\n", "double free or corruption (!prev)" },
        { "*** stack smashing detected ***: terminated\n", "*** stack smashing detected ***: terminated" },
        { "train: src/loop.c:12: step: Assertion `grad != 0' failed.\nAborted\n", "train: src/loop.c:12: step: Assertion `grad != 0' failed." },

        // Others
        {
            "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`\n",
            "thread 'main' panicked at src/main.rs:2:5: index out of bounds"
        },
        {
            "panic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d\nexit status 2\n",
            "panic: runtime error: index out of range [5]"
        },

        // A program may log errors that it survives. The last headline is the cause of its end.
        {
            "Traceback (most recent call last):\n  File \"io.py\", line 1\nTimeoutError: retrying\nstep 7\n"
            + "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
            "std::bad_alloc: std::bad_alloc"
        },
        { "\u001b[31mUnhandled exception. System.Exception: in colour\u001b[0m\n", "System.Exception: in colour" },
        { "no headline\n   at a frame\n   at another\nAborted\n", "no headline" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void StandardError_SaysWhyTheProgramDied(string standardError, string cause) => Assert.Equal(cause, CauseOfDeath.Find(standardError));

    [Fact]
    public void LongLine_IsCut() => Assert.Equal(403, CauseOfDeath.Find(new string('x', 10_000)).Length);
}
