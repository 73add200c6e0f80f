using MultiModal.Functions.Runs;
using MultiModal.Testing.Architecture;

namespace MultiModal.Functions.Tests;

public class RoomsTests
{
    [Fact]
    public void Rooms_depend_one_way() => Rooms.DependOneWay(typeof(StepFunctions).Assembly);
}
