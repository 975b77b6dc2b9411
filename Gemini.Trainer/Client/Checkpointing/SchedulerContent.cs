using static TorchSharp.torch.optim;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The numbers of a learning rate scheduler: counters, the best metric, rates, and the same numbers of the schedulers that it chains. TorchSharp's
/// schedulers have no state_dict, so the numbers are read from fields.
/// </summary>
internal static class SchedulerContent
{
    /// <exception cref="NotSupportedException">A scheduler that is not from TorchSharp has a field that is not a number.</exception>
    public static IEnumerable<StagedTensor> Of(lr_scheduler.LRScheduler scheduler, string prefix)
    {
        foreach (var field in ScalarFields.Of(scheduler.GetType()))
        {
            var name = prefix + ScalarFields.NameOf(field).TrimStart('_');
            var value = field.GetValue(scheduler);
            if (ScalarFields.TypeOf(field) is not null)
            {
                yield return ScalarFields.One(name, field, scheduler);
            }
            else if (value is IList<double> values)
            {
                yield return ScalarFields.List(name, values);
            }
            else if (value is IEnumerable<lr_scheduler.LRScheduler> chained)
            {
                var parts = chained.Index().SelectMany(part => Of(part.Item, $"{name}.{part.Index}."));
                foreach (var number in parts) yield return number;
            }
            else if (!IsFixed(value) && field.DeclaringType!.Assembly != typeof(lr_scheduler.LRScheduler).Assembly)
            {
                throw new NotSupportedException(
                    $"Scheduler {scheduler.GetType().Name} keeps a {field.FieldType.Name} in {field.Name}, which a " +
                    "snapshot cannot carry. Track the module and the optimizer alone, and add what the scheduler needs " +
                    "with AddBuffer or AddValue.");
            }
        }
    }

    /// <summary>Content that the constructor sets and that steps do not change.</summary>
    private static bool IsFixed(object? value) => value is null or string or Delegate or Optimizer or IList<int>;
}
