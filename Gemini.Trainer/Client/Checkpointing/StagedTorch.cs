using Gemini.Trainer.Client.Native;
using TorchSharp;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>Torch tensors that are copied when <c>Save</c> is called. They may be on any device and have any layout.</summary>
internal static class StagedTorch
{
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="like">A tensor of the same type and shape.</param>
    /// <param name="get">Finds the tensor that the training uses now; null if it is not made yet. Then it reads as zeros.</param>
    /// <param name="make">Makes the tensor before a restore; null if the tensor always exists.</param>
    public static StagedTensor Of(string name, torch.Tensor like, Func<torch.Tensor?> get, Action? make = null)
    {
        var (type, shape) = (like.dtype, like.shape);
        var stored = SafetensorsTypes.Of(name, type, shape);
        return new StagedTensor(
            name,
            stored.Type,
            stored.Shape,
            bytes =>
            {
                if (make is not null && get() is null) bytes.Clear();
                else TensorMemory.CopyOut(Current(), bytes);
            },
            bytes =>
            {
                if (get() is null) make?.Invoke();
                TensorMemory.CopyIn(bytes, Current());
            });

        torch.Tensor Current() =>
            get() is { IsInvalid: false } tensor && tensor.dtype == type && tensor.shape.AsSpan().SequenceEqual(shape)
                ? tensor
                : throw new InvalidOperationException(
                    $"Tensor {name} was disposed, or its type or shape is not the one with which it was added to the training " +
                    "state.");
    }

    /// <summary>The state of a random number generator, as bytes.</summary>
    public static StagedTensor OfGenerator(string name, Func<torch.Tensor> get, Action<torch.Tensor> set)
    {
        using var now = get();
        return new StagedTensor(
            name,
            SafetensorsType.U8,
            now.shape,
            bytes =>
            {
                using var state = get();
                TensorMemory.CopyOut(state, bytes);
            },
            bytes =>
            {
                using var state = get();
                TensorMemory.CopyIn(bytes, state);
                set(state);
            });
    }
}
